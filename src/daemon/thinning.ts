/**
 * Thins what children repeat: the first report goes through at once, after that the latest of each interval. So
 * no child can keep the loop busy with itself, and no flood of dead letters fills the journal.
 */
import { earliestOf } from '../core/base/instants.ts';
import type { Input } from '../core/input.ts';
import type { RunId } from '../core/job/phase.ts';
import type { ChildReport } from '../core/relay/types.ts';
import type { Clock, WakeSource } from './clock.ts';
import { keyOf } from './runs.ts';

/** A child's progress and heartbeats reach the core at most this often. */
const REPORT_EVERY_MS = 100;
const DEAD_LETTERS_EVERY_MS = 1000;

export interface Thinning {
  readonly source: WakeSource;
  readonly reported: (run: RunId, report: ChildReport) => void;
  readonly deadLettered: (from: string, to: string, reason: string, bytes: number) => void;
}

interface Thinned {
  readonly everyMs: number;
  nextAtMs: number;
  /** The latest that came too soon; null: none. */
  pending: Input | null;
}

/** Lets the first through at once and after that the latest of each interval. */
export function createThinning(clock: Clock, post: (input: Input) => void): Thinning {
  const thinned = new Map<string, Thinned>();
  let pruneAbove = 256;

  const thin = (key: string, everyMs: number, input: Input): void => {
    const nowMs = clock.now();
    const known = thinned.get(key);
    if (known !== undefined && known.nextAtMs > nowMs) {
      known.pending = input;
      clock.rearm();
      return;
    }
    thinned.set(key, { everyMs, nextAtMs: nowMs + everyMs, pending: null });
    if (thinned.size > pruneAbove) prune(nowMs);
    post(input);
  };
  /** Forgets what is quiet; amortised, so that each report pays a constant. */
  const prune = (nowMs: number): void => {
    for (const [key, { nextAtMs, pending }] of thinned) {
      if (nextAtMs <= nowMs && pending === null) thinned.delete(key);
    }
    pruneAbove = Math.max(256, thinned.size * 2);
  };

  return {
    source: {
      wakeAtMs: () =>
        earliestOf(
          Array.from(thinned.values(), ({ nextAtMs, pending }) => (pending === null ? null : nextAtMs)),
        ),
      woke: () => {
        const nowMs = clock.now();
        for (const entry of [...thinned.values()]) {
          const { pending } = entry;
          if (pending === null || entry.nextAtMs > nowMs) continue;
          entry.pending = null;
          entry.nextAtMs = nowMs + entry.everyMs;
          post(pending);
        }
      },
    },
    reported: (run, report) => {
      const key = `${report.kind} ${keyOf(run)}`;
      switch (report.kind) {
        case 'ready':
          return thin(key, REPORT_EVERY_MS, { type: 'child.ready', run });
        case 'yield':
          return thin(key, 1, { type: 'child.yielded', run });
        case 'heartbeat':
          return thin(key, REPORT_EVERY_MS, { type: 'child.heartbeat', run });
        case 'progress': {
          const { value, total } = report;
          return thin(key, REPORT_EVERY_MS, { type: 'child.progressed', run, value, total });
        }
      }
    },
    deadLettered: (from, to, reason, bytes) =>
      thin(`dead ${from} ${to} ${reason}`, DEAD_LETTERS_EVERY_MS, {
        type: 'relay.dead-lettered',
        from,
        to,
        reason,
        bytes,
      }),
  };
}
