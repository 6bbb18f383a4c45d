/**
 * What holds for every text: a check never throws, every mistake lies inside the file, printing is safe, and what
 * is printed as a duration or size is read back.
 */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { formatDiagnostic } from '../../src/config/load.ts';
import { durationText, parseDuration, parseSize, sizeText } from '../../src/config/quantity.ts';
import { splitWords } from '../../src/config/words.ts';
import { check } from './machine.ts';

// Thousands of checks: on a busy machine they may take longer than one test usually does.
vi.setConfig({ testTimeout: 60_000 });

const TEXT = `// a file with a little of everything
{ "name": "shop", "workers": 2, "schedule": { "quantum": "100ms", "aging": "off" }, "memory": { "sample": "1s" },
  "defaults": { "restart": "always", "env": { "A": "1" } }, "bulkheads": { "left": { "workers": 1 } },
  "jobs": {
    "db": { "command": ["node", "x"], "ready": "message", "replicas": 2, "memory": { "high": "50MB", "max": "60MB" } },
    "api": { "command": "node 'x y'", "cwd": "sub", "dependsOn": { "db": "ready" }, "bulkhead": "left", "limits": { "data": "1GB" },
      "restart": { "policy": "never", "backoff": { "jitter": 0.5 }, "intensity": { "restarts": "unlimited" } }, "health": { "exec": "node y" } },
  } }`;

/** The values of the file above, each with its path, so that one of them can be replaced. */
const TREE: unknown = JSON.parse(TEXT.replace(/^\/\/.*/, '').replace(/,(\s*})/g, '$1'));

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be printed.
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

function lineLengths(text: string): number[] {
  const bare = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return bare.split(/\r\n|\n|\r/).map((line) => line.length);
}

/** Throws when something does not hold; plain comparisons, since this runs many thousand times. */
function holds(text: string): void {
  const result = check(text);
  if (result.ok) return;
  const lengths = lineLengths(text);
  if (result.errors.length === 0) throw new Error('refused without a mistake');
  let previous = 0;
  for (const found of result.errors) {
    const lineLength = lengths[found.line - 1];
    const isInside = lineLength !== undefined && found.column >= 1 && found.column <= lineLength + 1;
    if (!isInside || found.length < 1) throw new Error(`outside of the file: ${JSON.stringify(found)}`);
    const position = found.line * 1e7 + found.column;
    if (position < previous) throw new Error(`out of order: ${JSON.stringify(found)}`);
    previous = position;
    if (UNSAFE.test(formatDiagnostic(found))) throw new Error(`unsafe: ${JSON.stringify(found)}`);
  }
}

function replaced(node: unknown, steps: readonly number[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || typeof node !== 'object' || node === null) return value;
  const keys = Object.keys(node);
  const chosen = keys[step % Math.max(1, keys.length)];
  if (chosen === undefined) return value;
  const entries = Object.entries(node).map(([key, inner]) => [
    key,
    key === chosen ? replaced(inner, rest, value) : inner,
  ]);
  return Array.isArray(node) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

describe('a check never throws and every mistake lies inside the file', () => {
  test('for arbitrary texts', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), holds), { numRuns: 300 });
  });

  test('for arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => holds(Buffer.from(bytes).toString('utf8'))),
      { numRuns: 300 },
    );
  });

  test('for texts made of the pieces of JSON', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"jobs"',
      '"a"',
      '"env"',
      '"command"',
      '1',
      '-',
      'x',
      '//',
      '/*',
      '*/',
      '\n',
      '\r',
      ' ',
      '\\',
      '\uFEFF',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => holds(pieces.join(''))),
      { numRuns: 300 },
    );
  });

  test('for a file in which a stretch was replaced', () => {
    const position = fc.integer({ min: 0, max: TEXT.length });
    fc.assert(
      fc.property(
        position,
        fc.integer({ min: 0, max: 20 }),
        fc.string({ maxLength: 5 }),
        (start, length, inserted) => holds(TEXT.slice(0, start) + inserted + TEXT.slice(start + length)),
      ),
      { numRuns: 300 },
    );
  });

  test('for a file in which a value was replaced', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 }), { maxLength: 5 }), fc.jsonValue(), (steps, value) =>
        holds(JSON.stringify(replaced(TREE, steps, value), null, 1)),
      ),
      { numRuns: 300 },
    );
  });
});

test('the file they start from is accepted', () => {
  expect(check(TEXT)).toMatchObject({ ok: true });
});

test('a printed duration is read back', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      (value) => parseDuration(durationText(value)) === value,
    ),
  );
});

test('a printed size is read back', () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (value) => parseSize(sizeText(value)) === value),
  );
});

test('words in single quotes come back as they were', () => {
  const word = fc.string().map((text) => text.replaceAll("'", ''));
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const split = splitWords(words.map((text) => `'${text}'`).join(' '));
      expect(split.ok && split.words.map((one) => one.text)).toEqual(words);
    }),
  );
});
