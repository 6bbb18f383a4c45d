/**
 * The text of a jobs file as something to point at: offsets become lines, columns and the line to show. It is
 * the only place a text for people is cut from, and it cuts from a copy without secrets. It knows no keys.
 */
import type { Node } from 'jsonc-parser';
import type { Diagnostic } from './diagnostic.ts';
import { makeVisible } from './diagnostic.ts';
import { hideSecrets } from './secrets.ts';
import { clip } from './tree.ts';

export interface Source {
  readonly file: string;
  readonly text: string;
  /** Same length, without the values of `env`. */
  readonly shown: string;
  readonly lineStarts: readonly number[];
}

/** Where something is wrong, and what. */
export interface Finding {
  readonly offset: number;
  readonly length: number;
  readonly path: string;
  readonly message: string;
  readonly severity: Diagnostic['severity'];
}

/** Longer lines are cut in diagnostics: ten thousand findings in one line of 4 MiB must stay printable. */
const LINE_LENGTH_MAX = 4096;

/** `isWellFormed`: quotes and brackets match. */
export function createSource(file: string, text: string, isWellFormed: boolean): Source {
  const lineStarts = [0];
  for (const lineBreak of text.matchAll(/\r\n|\n|\r/g))
    lineStarts.push(lineBreak.index + lineBreak[0].length);
  return { file, text, shown: hideSecrets(text, isWellFormed), lineStarts };
}

/** The line (from 0) that holds the offset. */
export function lineIndexAt(source: Source, offset: number): number {
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((source.lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The finding with its place; what is marked never goes beyond its line. */
export function diagnosticAt(source: Source, finding: Finding): Diagnostic {
  const lineIndex = lineIndexAt(source, finding.offset);
  const lineStart = source.lineStarts[lineIndex] ?? 0;
  const lineLength = lineEndAt(source, lineIndex) - lineStart;
  const column = Math.min(finding.offset - lineStart, lineLength) + 1;
  return {
    file: source.file,
    line: lineIndex + 1,
    column,
    path: finding.path,
    message: finding.message,
    severity: finding.severity,
    sourceLine: source.shown.slice(lineStart, lineStart + Math.min(lineLength, LINE_LENGTH_MAX)),
    length: Math.max(1, Math.min(finding.length, lineLength - column + 1)),
  };
}

/** Where the line ends, before its line break. */
function lineEndAt(source: Source, lineIndex: number): number {
  let end = source.lineStarts[lineIndex + 1];
  if (end === undefined) return source.text.length;
  if (source.text[end - 1] === '\n') end -= 1;
  return source.text[end - 1] === '\r' ? end - 1 : end;
}

/** What stands there, for "found …": scalars as they are written, the rest by its kind. */
export function foundText(source: Source, node: Node): string {
  if (node.type === 'object') return node.children?.length === 0 ? 'an empty object' : 'an object';
  if (node.type === 'array') return node.children?.length === 0 ? 'an empty array' : 'an array';
  return excerptText(source, node.offset, node.length);
}

/** A stretch of the file in one line, harmless for a terminal. */
export function excerptText(source: Source, offset: number, length: number): string {
  return makeVisible(clip(source.shown.slice(offset, offset + length).replace(/\s+/g, ' ')));
}
