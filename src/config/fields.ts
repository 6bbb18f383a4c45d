/**
 * The kinds of value a jobs file is made of, as zod schemas. The text of an issue is only what was expected
 * (`a duration such as …`); issues.ts knows where it happened and adds what was found. It must not know which
 * key a value belongs to.
 */
import * as z from 'zod';
import { LIMITS } from '../core/limits.ts';
import { NAME_PATTERN } from './name.ts';
import {
  DURATION_PATTERN,
  durationText,
  parseDuration,
  parseSize,
  type Quantity,
  SIZE_PATTERN,
  sizeText,
} from './quantity.ts';

/** What an editor shows about a key. */
export interface Notes {
  readonly description: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
}

/** Separates the known keys in the expectation of an unknown one. */
export const KEY_SEPARATOR = ' ';

const DURATION = 'a duration such as "250ms", "5s" or "1m"';
const SIZE = 'a size such as "200MB" or "200MiB"';
export const NAME_EXPECTED =
  'a name of 1 to 64 letters, digits, "_" or "-" that starts with a letter or digit';

interface QuantityKind {
  readonly expected: string;
  readonly whole: string;
  readonly pattern: RegExp;
  readonly parse: (text: string) => Quantity;
  readonly print: (quantity: number) => string;
  readonly examples: readonly string[];
}

const DURATIONS: QuantityKind = {
  expected: DURATION,
  whole: 'a whole number of milliseconds',
  pattern: DURATION_PATTERN,
  parse: parseDuration,
  print: durationText,
  examples: ['250ms', '5s', '1m'],
};

const SIZES: QuantityKind = {
  expected: SIZE,
  whole: 'a whole number of bytes',
  pattern: SIZE_PATTERN,
  parse: parseSize,
  print: sizeText,
  examples: ['200MB', '200MiB'],
};

/** Milliseconds of "250ms" or 250. */
export function durationField(bounds: { minMs?: number; maxMs?: number }, notes: Notes) {
  return quantity(DURATIONS, bounds.minMs ?? 0, bounds.maxMs ?? LIMITS.durationMaxMs, notes);
}

/** As `durationField`; null for "off". */
export function durationOrOffField(bounds: { minMs: number }, notes: Notes) {
  const kind = { ...DURATIONS, expected: `${DURATION}, or "off"` };
  const off = z.literal('off', { error: kind.expected }).transform(() => null);
  const duration = quantity(kind, bounds.minMs, LIMITS.durationMaxMs, { description: 'A duration.' });
  return z
    .union([off, duration], { error: kind.expected })
    .meta({ ...notes, examples: ['off', ...kind.examples] });
}

/** Bytes of "200MB" or 200000000. */
export function sizeField(bounds: { minBytes: number; maxBytes?: number }, notes: Notes) {
  return quantity(SIZES, bounds.minBytes, bounds.maxBytes ?? Number.MAX_SAFE_INTEGER, notes);
}

export function integerField(min: number, max: number, notes: Notes) {
  const expected = `a whole number from ${min} to ${max}`;
  return z
    .int({ error: expected })
    .min(min, { error: expected })
    .max(max, { error: expected })
    .meta({ ...notes });
}

export function numberField(min: number, max: number, notes: Notes) {
  const expected = `a number from ${min} to ${max}`;
  return z
    .number({ error: expected })
    .min(min, { error: expected })
    .max(max, { error: expected })
    .meta({ ...notes });
}

export function flagField(notes: Notes) {
  return z.boolean({ error: 'true or false' }).meta({ ...notes });
}

/** One of a few words. `refuse` may say more about a value that is none of them. */
export function choiceField<const Choices extends readonly [string, ...string[]]>(
  choices: Choices,
  notes: Notes,
  refuse: (found: unknown) => string = () => '',
) {
  const expected = alternatives(choices);
  return z.enum(choices, { error: (issue) => `${expected}${refuse(issue.input)}` }).meta({ ...notes });
}

export function nameField(notes: Notes) {
  return z
    .string({ error: NAME_EXPECTED })
    .regex(NAME_PATTERN, {
      error: (issue) => (isReserved(issue.input) ? 'a name with no meaning to JavaScript' : NAME_EXPECTED),
    })
    .meta({ ...notes });
}

/** A text that is not empty and holds no NUL, which no operating system call could take. */
export function textField(expected: string, notes: Notes) {
  return z
    .string({ error: expected })
    .refine(hasContent, { error: expected })
    .refine((text) => !text.includes('\0'), { error: `${expected} without NUL` })
    .meta({ ...notes, minLength: 1 });
}

/**
 * For texts and arrays, instead of zod's `min`: that one looks at the length of whatever has one, also of objects
 * of the file with a key `length`, and throws when it can't compare it.
 */
export function hasContent(value: { readonly length: number }): boolean {
  return value.length > 0;
}

/** An object with just these keys. */
export function objectField<Shape extends z.ZodRawShape>(shape: Shape, expected: string, notes: Notes) {
  return z.strictObject(shape, { error: expecting(shape, expected) }).meta({ ...notes });
}

/** Either a value of the first kind or an object that says more. */
export function shorthandField<Short extends z.ZodType, Long extends z.ZodType>(
  short: Short,
  long: Long,
  expected: string,
  notes: Notes,
) {
  return z.union([short, long], { error: expected }).meta({ ...notes });
}

/** `"a", "b" or "c"`. */
export function alternatives(choices: readonly string[]): string {
  const quoted = choices.map((choice) => `"${choice}"`);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}

function expecting(shape: z.ZodRawShape, expected: string) {
  const known = Object.keys(shape).join(KEY_SEPARATOR);
  return (issue: { readonly code?: string | undefined }) =>
    issue.code === 'unrecognized_keys' ? known : expected;
}

function isReserved(input: unknown): boolean {
  return input === 'constructor' || input === 'prototype' || input === '__proto__';
}

function quantity(kind: QuantityKind, min: number, max: number, notes: Notes) {
  const tooSmall = `at least ${kind.print(min)}`;
  const tooLarge = `at most ${kind.print(max)}`;
  const plain = z
    .number({ error: kind.expected })
    .multipleOf(1, { error: kind.whole })
    .min(min, { error: tooSmall })
    .max(max, { error: tooLarge });
  const written = z
    .string({ error: kind.expected })
    .regex(kind.pattern, { error: kind.expected })
    .transform((text, context) => {
      const parsed = kind.parse(text);
      if (typeof parsed === 'number' && parsed >= min && parsed <= max) return parsed;
      let message = kind.expected;
      if (parsed === 'fraction') message = kind.whole;
      else if (parsed === 'overflow' || (typeof parsed === 'number' && parsed > max)) message = tooLarge;
      else if (typeof parsed === 'number') message = tooSmall;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });
  return z.union([plain, written], { error: kind.expected }).meta({ examples: kind.examples, ...notes });
}
