/**
 * Watches a suspension until it shows in the process table: SIGSTOP takes effect when the process next leaves
 * user mode, some 0.2 ms later. The next job is resumed only then, so that the budget holds at every instant.
 * Looks on each turn of the event loop for a moment and then once a millisecond, until the hand-over limit.
 */

import type { RunId } from '../../core/job/phase.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock, WakeSource } from '../clock.ts';
import type { Processes } from './processes.ts';

export interface HandOver {
  readonly source: WakeSource;
  /** Reports once: seen, or timed out. */
  readonly watch: (run: RunId, pids: readonly number[], report: (seen: boolean) => void) => void;
}

interface Watch {
  readonly run: RunId;
  readonly pids: readonly number[];
  readonly report: (seen: boolean) => void;
  readonly startedAtMs: number;
}

/** For so long it is worth a look on each turn; most suspensions show within it. */
const EAGER_MS = 1;

export function createHandOver(clock: Clock, processes: Processes): HandOver {
  let watches: Watch[] = [];
  let eager = false;
  let lookAtMs = 0;

  const look = (): void => {
    const nowMs = clock.now();
    lookAtMs = nowMs + 1;
    const settled = watches.filter((watch) => isOver(watch, nowMs));
    if (settled.length === 0) return;
    watches = watches.filter((watch) => !settled.includes(watch));
    for (const watch of settled) watch.report(isStopped(watch));
  };
  const isStopped = (watch: Watch): boolean => watch.pids.every((pid) => processes.stateOf(pid) !== 'other');
  const isOver = (watch: Watch, nowMs: number): boolean =>
    nowMs - watch.startedAtMs >= LIMITS.handOverMs || isStopped(watch);

  const lookEagerly = (): void => {
    eager = false;
    look();
    const nowMs = clock.now();
    if (watches.some((watch) => nowMs - watch.startedAtMs <= EAGER_MS)) beEager();
    else clock.rearm();
  };
  const beEager = (): void => {
    if (eager) return;
    eager = true;
    setImmediate(lookEagerly);
  };

  return {
    source: {
      wakeAtMs: () => (watches.length === 0 || eager ? null : lookAtMs),
      woke: look,
    },
    watch: (run, pids, report) => {
      watches.push({ run, pids, report, startedAtMs: clock.now() });
      beEager();
    },
  };
}
