/**
 * A persistent array in chunks: replacing one element copies one chunk and the list of chunks, so a change
 * to one of 10 000 jobs copies about 220 references instead of 10 000. Never mutated after it is made.
 */
import { assert } from './assert.ts';

const CHUNK = 64;

export interface Chunks<T> {
  readonly length: number;
  readonly chunks: readonly (readonly T[])[];
}

export const NO_CHUNKS: Chunks<never> = { length: 0, chunks: [] };

/** Makes chunks of a plain array. */
export function chunksOf<T>(items: readonly T[]): Chunks<T> {
  const chunks: T[][] = [];
  for (let at = 0; at < items.length; at += CHUNK) chunks.push(items.slice(at, at + CHUNK));
  return { length: items.length, chunks };
}

/** The element at `index`, which must exist. */
export function elementAt<T>(list: Chunks<T>, index: number): T {
  assert(index >= 0 && index < list.length, `index ${index} of ${list.length}`);
  const chunk = list.chunks[Math.floor(index / CHUNK)] as readonly T[];
  return chunk[index % CHUNK] as T;
}

/** The same list with one element replaced. */
export function withElement<T>(list: Chunks<T>, index: number, element: T): Chunks<T> {
  assert(index >= 0 && index < list.length, `index ${index} of ${list.length}`);
  const chunks = list.chunks.slice();
  const chunk = (chunks[Math.floor(index / CHUNK)] as readonly T[]).slice();
  chunk[index % CHUNK] = element;
  chunks[Math.floor(index / CHUNK)] = chunk;
  return { length: list.length, chunks };
}

/** The same list with one element more at its end. */
export function withAppended<T>(list: Chunks<T>, element: T): Chunks<T> {
  const last = list.chunks.at(-1);
  if (last === undefined || last.length === CHUNK) {
    return { length: list.length + 1, chunks: [...list.chunks, [element]] };
  }
  return { length: list.length + 1, chunks: [...list.chunks.slice(0, -1), [...last, element]] };
}

/** All elements in order. */
export function* elementsOf<T>(list: Chunks<T>): Generator<T> {
  for (const chunk of list.chunks) yield* chunk;
}
