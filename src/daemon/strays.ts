/**
 * Processes that carry a mark of this supervisor and belong to no run any more: left by an earlier daemon, or
 * escaped from their group. The mark is the identity: nothing without it is touched.
 */
import type { ShutdownResult } from '../wire/api.ts';
import type { Clock } from './clock.ts';
import type { MarkedProcess } from './os/processes.ts';
import type { Scope } from './os/scope.ts';
import { signalProcess } from './os/signals.ts';

const ROUNDS = 100;
const ROUND_MS = 20;

/** Ends them, looking again until none is left; names those that could not be ended within two seconds. */
export async function endStrays(
  scope: Pick<Scope, 'strays'>,
  markPrefix: string,
  clock: Pick<Clock, 'delay'>,
): Promise<ShutdownResult> {
  const mine = ancestorsOfThis();
  const left = (): MarkedProcess[] => scope.strays().filter(({ pid }) => !mine.has(pid));
  let strays = left();
  for (let round = 0; round < ROUNDS && strays.length > 0; round += 1) {
    for (const { pid } of strays) signalProcess(pid, 'SIGKILL');
    await clock.delay(ROUND_MS);
    strays = left();
  }
  return { survivors: strays.map(({ pid, mark }) => ({ pid, job: jobOfMark(mark, markPrefix) })) };
}

/** A daemon started from within one of its own jobs has marked ancestors: the caller of `start`. */
function ancestorsOfThis(): ReadonlySet<number> {
  return new Set([process.pid, process.ppid]);
}

function jobOfMark(mark: string, markPrefix: string): string {
  return mark.slice(markPrefix.length).replace(/#\d+$/, '');
}
