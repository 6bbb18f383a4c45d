/** How long to wait before the next start: doubling, capped, with seeded jitter. Integers only. */
import { assert } from '../base/assert.ts';
import { between, nextRandom, type RandomState } from '../base/random.ts';
import type { BackoffSpec } from '../job/spec.ts';
import { LIMITS } from '../limits.ts';

export interface BackoffDelay {
  readonly delayMs: number;
  readonly random: RandomState;
}

/**
 * The delay before attempt `attempt` (1 is the first restart), within `initial × factor^(attempt−1)` and `max`,
 * moved by at most `jitter` of itself to either side. Never negative, never beyond what a timer can hold.
 */
export function backoffDelay(spec: BackoffSpec, attempt: number, random: RandomState): BackoffDelay {
  assert(attempt >= 1, `attempt ${attempt}`);
  const exponent = Math.min(attempt, LIMITS.backoffAttemptsMax) - 1;
  const grown = spec.initialMs * spec.factor ** exponent;
  const base = Math.floor(Math.min(grown, spec.maxMs));
  const reach = Math.floor(base * spec.jitter);
  const drawn = nextRandom(random);
  const delayMs = reach === 0 ? base : between(drawn, base - reach, base + reach);
  return { delayMs: Math.min(Math.max(0, delayMs), LIMITS.timerMaxMs), random: drawn };
}
