/**
 * Turns zod's issues into findings with a place: which alternative of a union was meant, which key is unknown
 * and what it probably should be, what was found instead. It must not know any key of a jobs file.
 */
import type { Node } from 'jsonc-parser';
import type * as z from 'zod';
import { alternatives, KEY_SEPARATOR } from './fields.ts';
import { nearestName } from './nearest.ts';
import { keyPlace, keyText, mistake, type Place, type Report, valuePlace } from './report.ts';
import { foundText } from './source.ts';
import { type Entry, entriesOf, entryOf, type Path, plainValue } from './tree.ts';

type Issue = z.core.$ZodIssue;

/** A short list of known keys is worth printing. */
const LISTED_KEYS_MAX = 8;

/** The value of the node as the schema gives it; undefined after a mistake, which is reported. */
export function readValue<Schema extends z.ZodType>(
  report: Report,
  node: Node,
  path: Path,
  schema: Schema,
): z.output<Schema> | undefined {
  const result = schema.safeParse(plainValue(node));
  if (result.success) return result.data;
  const places = new Set<string>();
  for (const issue of result.error.issues.flatMap((issue) => meantIssues(issue, []))) {
    if (issue.code === 'unrecognized_keys') {
      reportUnknownKeys(report, node, path, issue);
      continue;
    }
    // The first thing wrong with a value is enough: what is no number need not be told that it is too small.
    const place = JSON.stringify(issue.path);
    if (!places.has(place)) reportIssue(report, node, path, issue);
    places.add(place);
  }
  return undefined;
}

/** The entry has a key that nothing knows. */
export function reportUnknownKey(report: Report, entry: Entry, known: readonly string[]): void {
  const nearest = nearestName(entry.key, known);
  const expected =
    nearest === null && known.length <= LISTED_KEYS_MAX
      ? `one of the keys ${alternatives(known)}`
      : 'a known key';
  const hint = nearest === null ? '' : didYouMean(nearest);
  mistake(report, keyPlace(entry), expected, keyText(report, entry), hint);
}

/** A name that stands for nothing; `nearest` is computed by the caller, who knows what that may cost. */
export function reportUnknownName(
  report: Report,
  place: Place,
  what: string,
  found: string,
  nearest: string | null,
): void {
  mistake(report, place, `the name of a ${what}`, found, nearest === null ? '' : didYouMean(nearest));
}

function didYouMean(name: string): string {
  return `; did you mean "${name}"?`;
}

/** Of a union only the alternative that fits the kind of value: for an object nobody wants to read about texts. */
function meantIssues(issue: Issue, prefix: readonly PropertyKey[]): Issue[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((option) => !option.some(isWrongKind));
    if (meant !== undefined) return meant.flatMap((inner) => meantIssues(inner, path));
  }
  return [{ ...issue, path }];
}

function isWrongKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((option) => option.some(isWrongKind));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function reportUnknownKeys(
  report: Report,
  root: Node,
  path: Path,
  issue: Extract<Issue, { code: 'unrecognized_keys' }>,
): void {
  const target = descend(root, path, issue.path);
  const known = issue.message.split(KEY_SEPARATOR);
  const unknown = new Set(issue.keys);
  for (const entry of entriesOf(target.node, target.path)) {
    if (unknown.has(entry.key)) reportUnknownKey(report, entry, known);
  }
}

function reportIssue(report: Report, root: Node, path: Path, issue: Issue): void {
  const target = descend(root, path, issue.path);
  const stated = issue.code === 'custom' ? issue.params?.found : undefined;
  const found = typeof stated === 'string' ? stated : foundText(report.source, target.node);
  const place: Place = valuePlace(target.node, target.path);
  mistake(report, place, issue.message, found, choiceHint(issue, target.node));
}

/** For a misspelt word the nearest of those allowed. */
function choiceHint(issue: Issue, node: Node): string {
  if (node.type !== 'string') return '';
  const nearest = nearestName(String(node.value), choicesOf(issue));
  return nearest === null ? '' : didYouMean(nearest);
}

function choicesOf(issue: Issue): string[] {
  if (issue.code === 'invalid_union') return issue.errors.flat().flatMap(choicesOf);
  return issue.code === 'invalid_value' ? issue.values.filter((value) => typeof value === 'string') : [];
}

/** The node at the path below the root, or the deepest one that exists. */
function descend(root: Node, path: Path, below: readonly PropertyKey[]): { node: Node; path: Path } {
  let node = root;
  let reached = path;
  for (const segment of below) {
    const child =
      typeof segment === 'number' ? node.children?.[segment] : entryOf(node, reached, String(segment))?.node;
    if (child === undefined) break;
    node = child;
    reached = [...reached, typeof segment === 'number' ? segment : String(segment)];
  }
  return { node, path: reached };
}
