/**
 * Reading jsonc-parser's tree: entries, plain values and the path people see. Objects of the file keep their
 * order and their duplicates here; plain values have neither, so whoever needs an order asks the tree.
 */
import type { Node } from 'jsonc-parser';

export type Path = readonly (string | number)[];

/** One `"key": value` of an object. */
export interface Entry {
  readonly key: string;
  readonly keyNode: Node;
  readonly node: Node;
  readonly path: Path;
}

/** The entries of an object in the order of the file, duplicates included; none for anything else. */
export function entriesOf(node: Node | undefined, path: Path): Entry[] {
  const entries: Entry[] = [];
  if (node?.type !== 'object') return entries;
  for (const property of node.children ?? []) {
    const [keyNode, valueNode] = property.children ?? [];
    if (keyNode === undefined || valueNode === undefined) continue;
    const key = String(keyNode.value);
    entries.push({ key, keyNode, node: valueNode, path: [...path, key] });
  }
  return entries;
}

/** The entry of that key; of duplicates the last, as in JSON.parse. */
export function entryOf(node: Node | undefined, path: Path, key: string): Entry | undefined {
  return entriesOf(node, path).findLast((entry) => entry.key === key);
}

/** The plain value, objects without prototype so that no key of the file can mean anything to JavaScript. */
export function plainValue(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(plainValue);
  if (node.type === 'object') {
    const value: Record<string, unknown> = Object.create(null);
    for (const entry of entriesOf(node, [])) value[entry.key] = plainValue(entry.node);
    return value;
  }
  // -0 would be kept as such, and compare as different from 0 ever after.
  return node.value === 0 ? 0 : node.value;
}

/**
 * `jobs.api.command[0]`; keys that are no plain words are quoted: `jobs["my job"]`. What follows an equals sign
 * is left out: such a key is a misplaced assignment, in `env` of a secret.
 */
export function pathText(path: Path): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (/^[\w$-]{1,64}$/.test(segment)) text += text === '' ? segment : `.${segment}`;
    else text += `[${JSON.stringify(clip(segment.replace(/=.*/s, '=…')))}]`;
  }
  return text;
}

/** Long texts of the file are shown by their beginning. */
export function clip(text: string): string {
  return text.length > CLIP_LENGTH ? `${text.slice(0, CLIP_LENGTH - 1)}…` : text;
}

const CLIP_LENGTH = 60;
