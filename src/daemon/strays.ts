/**
 * Processes that carry a mark of this supervisor and belong to no run that lives: left by an earlier daemon, or
 * escaped from their group. The mark is the identity: nothing without it is touched.
 */
import type { Input } from '../core/input.ts';
import type { RunId } from '../core/job/phase.ts';
import type { ShutdownResult } from '../wire/api.ts';
import type { Clock, WakeSource } from './clock.ts';
import { runOfMark } from './mark.ts';
import type { Scope } from './os/scope.ts';
import { signalProcess } from './os/signals.ts';
import { keyOf, type Runs } from './runs.ts';

const ROUNDS = 100;
const ROUND_MS = 20;

/** Ends all of them, looking again until none is left; names those that live on after two seconds. */
export async function endStrays(
  scope: Pick<Scope, 'strays'>,
  markPrefix: string,
  clock: Pick<Clock, 'delay'>,
): Promise<ShutdownResult> {
  let strays = scope.strays();
  for (let round = 0; round < ROUNDS && strays.length > 0; round += 1) {
    for (const { pid } of strays) signalProcess(pid, 'SIGKILL');
    await clock.delay(ROUND_MS);
    strays = scope.strays();
  }
  return { survivors: strays.map(({ pid, mark }) => ({ pid, job: runOfMark(mark, markPrefix).job })) };
}

export interface StrayWatch {
  readonly source: WakeSource;
  /** A run is over by itself: look for what escaped from its group. */
  readonly runEnded: () => void;
}

/** A look at every environment is dear, so that a storm of ends is answered by one look. */
const LOOK_EVERY_MS = 500;

/** Ends, soon after a run, what left its group; reports it run by run. */
export function createStrayWatch(parts: {
  readonly clock: Clock;
  readonly scope: Pick<Scope, 'strays'>;
  readonly runs: Runs;
  readonly markPrefix: string;
  readonly post: (input: Input) => void;
}): StrayWatch {
  const { clock, scope, runs, markPrefix, post } = parts;
  let dueAtMs: number | null = null;
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  const look = (): void => {
    lookedAtMs = clock.now();
    dueAtMs = null;
    const ended = new Map<string, { run: RunId; pids: number[] }>();
    for (const { pid, mark } of scope.strays()) {
      const run = runOfMark(mark, markPrefix);
      if (runs.find(run) !== undefined || !signalProcess(pid, 'SIGKILL')) continue;
      const entry = ended.get(keyOf(run)) ?? { run, pids: [] };
      entry.pids.push(pid);
      ended.set(keyOf(run), entry);
    }
    for (const { run, pids } of ended.values()) post({ type: 'os.strays-ended', run, pids });
    // It may have forked once more before it was ended.
    if (ended.size > 0) dueAtMs = lookedAtMs + ROUND_MS;
  };

  return {
    source: { wakeAtMs: () => dueAtMs, woke: look },
    runEnded: () => {
      dueAtMs ??= Math.max(clock.now() + ROUND_MS, lookedAtMs + LOOK_EVERY_MS);
      clock.rearm();
    },
  };
}
