/**
 * The processes that the daemon started and has not seen the end of: handles, never decisions. The core's state
 * says what a run is supposed to be; this says where to reach it.
 */
import type { RunId } from '../core/job/phase.ts';
import type { OutputReader } from './os/output.ts';

export interface RunningProcess {
  readonly run: RunId;
  readonly pid: number;
  readonly output: OutputReader;
  /** Once true, its pid may belong to somebody else. */
  exited: boolean;
  /** A stop was performed: what escaped from its group is looked for when it is over. */
  stopAsked: boolean;
}

export interface Runs {
  readonly add: (process: RunningProcess) => void;
  readonly find: (run: RunId) => RunningProcess | undefined;
  readonly remove: (run: RunId) => void;
  readonly all: () => Iterable<RunningProcess>;
}

export function createRuns(): Runs {
  const processes = new Map<string, RunningProcess>();
  return {
    add: (process) => void processes.set(keyOf(process.run), process),
    find: (run) => processes.get(keyOf(run)),
    remove: (run) => void processes.delete(keyOf(run)),
    all: () => processes.values(),
  };
}

/** `job#incarnation`, the name of a run everywhere. */
export function keyOf(run: RunId): string {
  return `${run.job}#${run.incarnation}`;
}
