/** What follows when a run is over and nobody asked for its end. Pure: a table of the restart policy. */
import type { RandomState } from '../base/random.ts';
import { LIMITS } from '../limits.ts';
import type { Reason } from '../reason.ts';
import type { JobState } from '../state.ts';
import { type BackoffDelay, backoffDelay } from './backoff.ts';
import { mayRestart } from './intensity.ts';

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  /** True: ended for passing its memory limit, a failure whatever the exit code. */
  readonly memoryMax: boolean;
  readonly livedMs: number;
}

export type Sequel =
  | { readonly kind: 'completed'; readonly reason: Reason }
  | { readonly kind: 'failed'; readonly reason: Reason }
  | { readonly kind: 'quarantined'; readonly reason: Reason }
  | {
      readonly kind: 'restart';
      readonly reason: Reason;
      readonly attempt: number;
      readonly delay: BackoffDelay;
    };

/** The sequel of a run that ended as `ending` says. */
export function sequelOf(job: JobState, ending: Ending, random: RandomState, nowMs: number): Sequel {
  const { restart } = job.spec;
  const clean = ending.code === 0 && ending.signal === null && !ending.memoryMax;
  if (ending.code !== null && restart.permanentExitCodes.includes(ending.code) && !ending.memoryMax) {
    return { kind: 'failed', reason: 'permanent-exit-code' };
  }
  if (clean && restart.policy !== 'always') return { kind: 'completed', reason: 'exited-cleanly' };
  if (restart.policy === 'never') return { kind: 'failed', reason: 'restart-never' };
  if (job.memory.earlyBreaches >= LIMITS.memoryEarlyBreaches) {
    return { kind: 'quarantined', reason: 'memory-base-above-max' };
  }
  if (!mayRestart(restart, job.restarts.recentMs, nowMs)) {
    return { kind: 'quarantined', reason: 'intensity-exceeded' };
  }
  // A clean end or a stable run starts the backoff anew: only failures in a row lengthen it.
  const forgiven = clean || ending.livedMs >= restart.stableAfterMs;
  const attempt = forgiven ? 1 : job.restarts.attempt + 1;
  const reason = restart.policy === 'always' ? 'restart-always' : 'restart-on-failure';
  return { kind: 'restart', reason, attempt, delay: backoffDelay(restart.backoff, attempt, random) };
}
