/**
 * From text to tree: JSON with comments and trailing commas. Reports every syntax error in words, and duplicate
 * keys wherever they stand. It must not know which keys exist.
 */
import { createScanner, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { mistake, type Place, type Report } from './report.ts';
import { excerptText, lineIndexAt } from './source.ts';
import { TOKEN } from './tokens.ts';
import { entriesOf, type Path } from './tree.ts';

/** No key of a jobs file lies deeper than ten; the parser recurses, so far deeper text would end it. */
const DEPTH_MAX = 64;

/** Beyond so many the text is no JSON at all, and each more is only an echo of that. */
const ERRORS_MAX = 1000;

const INVALID_SYMBOL = 1;
const KEY_EXPECTED = 3;
const VALUE_EXPECTED = 4;
const COLON_EXPECTED = 5;
const COMMA_EXPECTED = 6;
const END_EXPECTED = 9;
const UNCLOSED_STRING = 12;

/** What each of jsonc-parser's error codes wanted. Its enum is const, hence the numbers. */
const EXPECTED: ReadonlyMap<number, string> = new Map([
  [INVALID_SYMBOL, 'a key or value in JSON notation, texts in double quotes'],
  [2, 'a number'],
  [KEY_EXPECTED, 'a key in double quotes'],
  [VALUE_EXPECTED, 'a value'],
  [COLON_EXPECTED, 'a colon'],
  [COMMA_EXPECTED, 'a comma'],
  [7, '"}"'],
  [8, '"]"'],
  [END_EXPECTED, 'the end of the file'],
  [11, '"*/" at the end of the comment'],
  [UNCLOSED_STRING, 'a closing double quote'],
  [13, 'a digit'],
  [14, 'four hexadecimal digits after \\u'],
  [15, 'one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u after a backslash'],
  [16, 'control characters in texts to be written as \\u'],
]);

/** Errors after which the tree is still what its author meant, so that its content can be checked as well. */
const HARMLESS: ReadonlySet<number> = new Set([COMMA_EXPECTED, 14, 15, 16]);

/** What parsing gave. */
export interface Parsed {
  /** Undefined when there is nothing to check. */
  readonly root: Node | undefined;
  readonly errors: readonly ParseError[];
  /** The tree is what its author meant: quotes and brackets match. */
  readonly isTrustworthy: boolean;
  /** Offset of the bracket that goes too deep, else null. */
  readonly tooDeepAt: number | null;
}

/** Never throws. */
export function parseText(text: string): Parsed {
  const tooDeepAt = findTooDeep(text);
  if (tooDeepAt !== null) return { root: undefined, errors: [], isTrustworthy: false, tooDeepAt };
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const isTrustworthy = root !== undefined && errors.every((error) => HARMLESS.has(error.error));
  return { root, errors: withoutEchoes(text, errors), isTrustworthy, tooDeepAt: null };
}

/** Reports what parsing found and returns the tree if its content is worth checking. */
export function reportSyntax(report: Report, parsed: Parsed): Node | undefined {
  if (parsed.tooDeepAt !== null) {
    const place = { offset: parsed.tooDeepAt, length: 1, path: [] };
    mistake(report, place, `at most ${DEPTH_MAX} levels of brackets`, 'more');
    return undefined;
  }
  for (const error of parsed.errors.slice(0, ERRORS_MAX)) reportError(report, error);
  report.omitted += Math.max(0, parsed.errors.length - ERRORS_MAX);
  if (parsed.root !== undefined) reportDuplicates(report, parsed.root, []);
  return parsed.isTrustworthy ? parsed.root : undefined;
}

/** The parser reports one slip several times while it finds its way back; the first report is the true one. */
function withoutEchoes(text: string, errors: readonly ParseError[]): ParseError[] {
  const kept: ParseError[] = [];
  let previous: ParseError | undefined;
  for (const error of errors) {
    if (error.error === END_EXPECTED && kept.some((earlier) => !HARMLESS.has(earlier.error))) continue;
    const last = kept[kept.length - 1];
    if (last !== undefined && previous !== undefined && isEcho(text, previous, error)) {
      // Several symbols in a row are one: 'single quoted text'.
      if (error.error === INVALID_SYMBOL) {
        kept[kept.length - 1] = { ...last, length: error.offset + error.length - last.offset };
      }
    } else {
      kept.push(error);
    }
    previous = error;
  }
  return kept;
}

function isEcho(text: string, previous: ParseError, error: ParseError): boolean {
  if (error.offset === previous.offset) return true;
  if (previous.error === KEY_EXPECTED && error.error === VALUE_EXPECTED) return true;
  const between = text.slice(previous.offset + previous.length, error.offset);
  if (between.trim() !== '') return false;
  if (previous.error === INVALID_SYMBOL) return AFTER_SYMBOL.has(error.error) && !/[\r\n]/.test(between);
  return previous.error === UNCLOSED_STRING && AFTER_SYMBOL.has(error.error);
}

const AFTER_SYMBOL: ReadonlySet<number> = new Set([
  INVALID_SYMBOL,
  KEY_EXPECTED,
  VALUE_EXPECTED,
  COLON_EXPECTED,
  COMMA_EXPECTED,
]);

function reportError(report: Report, error: ParseError): void {
  const { text } = report.source;
  const expected = EXPECTED.get(error.error) ?? 'JSON';
  if (error.offset >= text.length) {
    mistake(report, endOf(text), expected, 'the end of the file');
    return;
  }
  const length = Math.min(error.length, text.length - error.offset);
  const found = excerptText(report.source, error.offset, length);
  mistake(report, { offset: error.offset, length, path: [] }, expected, found);
}

/** Right behind the last character that is not blank: where the missing thing belongs. */
function endOf(text: string): Place {
  return { offset: text.trimEnd().length, length: 1, path: [] };
}

function reportDuplicates(report: Report, node: Node, path: Path): void {
  for (const [index, child] of node.type === 'array' ? (node.children ?? []).entries() : []) {
    reportDuplicates(report, child, [...path, index]);
  }
  const first = new Map<string, Node>();
  for (const entry of entriesOf(node, path)) {
    const earlier = first.get(entry.key);
    if (earlier === undefined) first.set(entry.key, entry.keyNode);
    else {
      const place = { offset: entry.keyNode.offset, length: entry.keyNode.length, path: entry.path };
      const found = excerptText(report.source, place.offset, place.length);
      const line = lineIndexAt(report.source, earlier.offset) + 1;
      mistake(report, place, 'each key once', `${found} again (first on line ${line})`);
    }
    reportDuplicates(report, entry.node, entry.path);
  }
}

/**
 * Counts brackets the way the parser does: one that does not match the innermost open bracket closes nothing.
 */
function findTooDeep(text: string): number | null {
  const scanner = createScanner(text, true);
  const open: number[] = [];
  for (let kind: number = scanner.scan(); kind !== TOKEN.end; kind = scanner.scan()) {
    if (kind === TOKEN.openBrace || kind === TOKEN.openBracket) open.push(kind);
    // Each closing bracket is one above its opening one.
    else if (open[open.length - 1] === kind - 1 && isClosing(kind)) open.pop();
    if (open.length > DEPTH_MAX) return scanner.getTokenOffset();
  }
  return null;
}

function isClosing(kind: number): boolean {
  return kind === TOKEN.closeBrace || kind === TOKEN.closeBracket;
}
