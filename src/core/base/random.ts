/**
 * Chance as a value: the state goes in and the next state comes out, so a run of the core is repeatable.
 * 32-bit integers only. The step is Marsaglia's xorshift32 (Journal of Statistical Software 8(14), 2003).
 */
import { assert } from './assert.ts';

/** State of the generator: an unsigned 32-bit integer, never 0. */
export type RandomState = number;

/** Makes a usable state of any integer. */
export function seedRandom(seed: number): RandomState {
  return seed >>> 0 || 0x9e3779b9;
}

/** The next state, which is also the drawn number: 1 … 2^32-1. */
export function nextRandom(state: RandomState): RandomState {
  assert(state > 0, 'a xorshift state of 0 would stay 0');
  let x = state;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return x >>> 0;
}

/** Maps a drawn number to an integer in [low, high]. */
export function between(drawn: RandomState, low: number, high: number): number {
  assert(
    Number.isSafeInteger(low) && Number.isSafeInteger(high) && low <= high,
    `between ${low} and ${high}`,
  );
  return low + (drawn % (high - low + 1));
}
