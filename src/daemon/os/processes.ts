/**
 * What the operating system says about processes: Linux from /proc, elsewhere from `ps`. Zombies are dead.
 * Knows nothing of jobs.
 */
import { linuxProcesses } from './processes-linux.ts';
import { psProcesses } from './processes-ps.ts';

/** `other` is any state in which it may compute or sleep. */
export type ProcessState = 'stopped' | 'dead' | 'other';

export interface ProcessRow {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  readonly state: ProcessState;
}

export interface Processes {
  /** Every process there is; zombies included, as `dead`. */
  readonly list: () => ProcessRow[];
  /** One process; null: there is none. */
  readonly read: (pid: number) => ProcessRow | null;
  /** `dead` also when there is no such process. */
  readonly stateOf: (pid: number) => ProcessState;
  /** Start time in clock ticks since boot (Linux) or Unix seconds (elsewhere); null when it can't be told. */
  readonly startTimeOf: (pid: number) => number | null;
  /** Living processes whose environment carries `NAME=value` with a value that begins with `prefix`. */
  readonly listMarked: (name: string, prefix: string) => MarkedProcess[];
}

export interface MarkedProcess {
  readonly pid: number;
  /** The whole value. */
  readonly mark: string;
}

/** The adapter of this platform. */
export function processesOf(platform: NodeJS.Platform): Processes {
  return platform === 'linux' ? linuxProcesses : psProcesses;
}
