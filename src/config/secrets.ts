/**
 * Blots values of `env` out of a jobs file, so that its lines can be shown. It works on tokens and not on the
 * tree because the lines shown most are those of files too broken to have one; in doubt it hides too much.
 * The text keeps its length, so every offset stays valid.
 */
import { createScanner } from 'jsonc-parser';
import { editDistance } from './nearest.ts';
import { TOKEN } from './tokens.ts';

interface Container {
  /** The key it is the value of. */
  readonly key: string | null;
  readonly isSecret: boolean;
}

interface Token {
  readonly kind: number;
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

const OPENING: ReadonlySet<number> = new Set([TOKEN.openBrace, TOKEN.openBracket]);
const CLOSING: ReadonlySet<number> = new Set([TOKEN.closeBrace, TOKEN.closeBracket]);
const COMMENT: ReadonlySet<number> = new Set([TOKEN.lineComment, TOKEN.blockComment]);
/** Keys of these objects are names people choose; a job may be called `env`. */
const NAMING: ReadonlySet<string> = new Set(['jobs', 'bulkheads', 'dependsOn']);

/**
 * The text with secrets replaced by asterisks. `isWellFormed`: quotes and brackets match, so that what looks
 * like a key is one and what looks like a value is no key.
 */
export function hideSecrets(text: string, isWellFormed: boolean): string {
  const hidden = hideTokens(text, isWellFormed);
  return isWellFormed ? hidden : hideRegions(hidden);
}

/**
 * With one quote too many, keys and values trade places until the end of the line. So everything is hidden from a
 * word like `env` to the end of the line that holds the next brace; only names that begin a line stay.
 */
function hideRegions(text: string): string {
  const parts: string[] = [];
  let shownFrom = 0;
  for (const [start, end] of regionsOf(text)) {
    parts.push(text.slice(shownFrom, start), text.slice(start, end).replace(LINE_IN_REGION, hideInLine));
    shownFrom = end;
  }
  return parts.join('') + text.slice(shownFrom);
}

/** In the order of the text, without overlaps. */
function regionsOf(text: string): [start: number, end: number][] {
  const regions: [start: number, end: number][] = [];
  let hiddenTo = 0;
  let brace = -1;
  for (const word of text.matchAll(/[A-Za-z_]+(?=[\s\S]{0,4}?[:={[])/g)) {
    if (hiddenTo === text.length) break;
    if (!isSecretWord(word[0])) continue;
    const start = word.index + word[0].length;
    // Not a brace before the first value: that one may be the slip.
    const valueStart = offsetOf(/[^\s"':={}[\]]/g, text, start);
    if (brace < valueStart) brace = offsetOf(/}/g, text, valueStart);
    // A brace in what is hidden already: its line is hidden to the end as well.
    if (brace < hiddenTo) continue;
    const end = offsetOf(/[\r\n]/g, text, brace);
    regions.push([Math.max(start, hiddenTo), end]);
    hiddenTo = end;
  }
  return regions;
}

/** Of the first match at or behind the offset, else the end of the text. */
function offsetOf(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.index ?? text.length;
}

/** A name at the beginning of a line, and the rest of the line. */
const LINE_IN_REGION = /([\r\n][ \t]*(?:"\w+"|\w+)[ \t]*:|)([^\r\n]*)/g;

function hideInLine(_line: string, name: string, rest: string): string {
  return name + rest.replace(/[^\s{}[\],:"]/g, '*');
}

function hideTokens(text: string, isWellFormed: boolean): string {
  const stack: Container[] = [{ key: null, isSecret: false }];
  const parts: string[] = [];
  let pendingKey: string | null = null;
  let previousKind: number = TOKEN.comma;
  let hiddenTo = 0;
  const hide = (from: number, to: number) => {
    parts.push(text.slice(hiddenTo, from), text.slice(from, to).replace(/[^\r\n]/g, '*'));
    hiddenTo = to;
  };
  for (const [token, next] of tokensOf(text)) {
    const inside = stack[stack.length - 1] ?? { key: null, isSecret: false };
    const isSecret =
      inside.isSecret || (pendingKey !== null && isSecretKey(pendingKey, inside, isWellFormed));
    if (COMMENT.has(token.kind)) {
      if (isSecret) hide(token.offset, token.offset + token.length);
      continue;
    }
    if (OPENING.has(token.kind)) {
      stack.push({ key: pendingKey, isSecret });
      pendingKey = null;
    } else if (CLOSING.has(token.kind)) {
      if (stack.length > 1) stack.pop();
      pendingKey = null;
    } else if (token.kind === TOKEN.comma) {
      pendingKey = null;
    } else if (isKey(token, next, previousKind)) {
      pendingKey = token.text;
      if (inside.isSecret) hideAfterEqualsSign(text, token, hide);
    } else if (token.kind !== TOKEN.colon) {
      if (isSecret) hide(token.offset, token.offset + token.length);
      else if (mayBeBrokenKey(token, next)) pendingKey = token.text;
    }
    previousKind = token.kind;
  }
  parts.push(text.slice(hiddenTo));
  return parts.join('');
}

/** `"PASSWORD=hunter2": ""` is a mistake whose key holds the secret. */
function hideAfterEqualsSign(text: string, token: Token, hide: (from: number, to: number) => void): void {
  const end = token.offset + token.length;
  const equals = text.indexOf('=', token.offset);
  if (equals !== -1 && equals < end) hide(equals + 1, Math.max(equals + 1, end - 1));
}

function isKey(token: Token, next: Token, previousKind: number): boolean {
  if (token.kind !== TOKEN.string && token.kind !== TOKEN.unknown) return false;
  return next.kind === TOKEN.colon && (previousKind === TOKEN.comma || previousKind === TOKEN.openBrace);
}

/** `"env" {` or `env = {` or `"a": 1 "env": {`: no key for JSON, but one for the person who wrote it. */
function mayBeBrokenKey(token: Token, next: Token): boolean {
  if (token.kind !== TOKEN.string && token.kind !== TOKEN.unknown) return false;
  return next.kind === TOKEN.colon || next.kind === TOKEN.unknown || OPENING.has(next.kind);
}

function isSecretKey(key: string, inside: Container, isWellFormed: boolean): boolean {
  if (isWellFormed && inside.key !== null && NAMING.has(inside.key)) return false;
  return isSecretWord(key);
}

function isSecretWord(word: string): boolean {
  const lower = word.toLowerCase();
  if (lower === 'inheritenv') return false;
  return lower.includes('env') || editDistance(lower, 'env', 2) <= 1;
}

/** Every token but blanks, each with the next one that is no comment. */
function* tokensOf(text: string): Generator<readonly [Token, Token]> {
  const scanner = createScanner(text, false);
  const scan = (): Token => {
    let kind: number = scanner.scan();
    while (kind === TOKEN.blank || kind === TOKEN.lineBreak) kind = scanner.scan();
    // An unclosed comment claims one character beyond the end.
    const offset = scanner.getTokenOffset();
    const length = Math.min(scanner.getTokenLength(), text.length - offset);
    return { kind, offset, length, text: scanner.getTokenValue() };
  };
  let waiting: Token[] = [scan()];
  for (;;) {
    const next = scan();
    if (COMMENT.has(next.kind)) {
      waiting.push(next);
      continue;
    }
    for (const token of waiting) {
      if (token.kind === TOKEN.end) return;
      yield [token, next];
    }
    waiting = [next];
  }
}
