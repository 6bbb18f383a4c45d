/**
 * Collects what is wrong while a file is checked. It keeps one finding per place and message, because a mistake
 * in `defaults` is met again in every job. It judges nothing.
 */
import type { Node } from 'jsonc-parser';
import { excerptText, type Finding, foundText, type Source } from './source.ts';
import { type Entry, type Path, pathText } from './tree.ts';

/** Beyond this many findings the rest is only counted: a file of commas must not fill the memory. */
const FINDINGS_MAX = 10_000;

/** A stretch of the file with its path. */
export interface Place {
  readonly offset: number;
  readonly length: number;
  readonly path: Path;
}

export interface Report {
  readonly source: Source;
  readonly findings: Map<string, Finding>;
  /** Findings that were not kept. */
  omitted: number;
}

export function createReport(source: Source): Report {
  return { source, findings: new Map(), omitted: 0 };
}

/** The key of an entry. */
export function keyPlace(entry: Entry): Place {
  return { offset: entry.keyNode.offset, length: entry.keyNode.length, path: entry.path };
}

/** A value; of an object or array only its bracket, the rest may span many lines. */
export function valuePlace(node: Node, path: Path): Place {
  const isScalar = node.type !== 'object' && node.type !== 'array';
  return { offset: node.offset, length: isScalar ? node.length : 1, path };
}

/** `expected …, found …` with what stands at the place. */
export function expectedAt(report: Report, node: Node, path: Path, expected: string, hint = ''): void {
  mistake(report, valuePlace(node, path), expected, foundText(report.source, node), hint);
}

/** `expected …, found …` in the caller's words. */
export function mistake(report: Report, place: Place, expected: string, found: string, hint = ''): void {
  add(report, place, 'error', `expected ${expected}, found ${found}${hint}`);
}

/** Something that works, but perhaps not as meant. */
export function warning(report: Report, place: Place, message: string): void {
  add(report, place, 'warning', message);
}

/** The text of a key as written. */
export function keyText(report: Report, entry: Entry): string {
  return excerptText(report.source, entry.keyNode.offset, entry.keyNode.length);
}

function add(report: Report, place: Place, severity: Finding['severity'], message: string): void {
  const finding = {
    offset: place.offset,
    length: place.length,
    path: pathText(place.path),
    message,
    severity,
  };
  const identity = `${finding.offset}:${finding.path}:${message}`;
  if (report.findings.has(identity)) return;
  if (report.findings.size < FINDINGS_MAX) report.findings.set(identity, finding);
  else report.omitted += 1;
}
