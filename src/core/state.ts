/**
 * The supervisor's whole state: plain immutable data. It changes only in `evolve`. Absent on purpose: timer
 * handles, processes, sockets, clocks, environment values.
 */
import { type Chunks, elementAt, elementsOf, NO_CHUNKS, withElement } from './base/chunks.ts';
import { type RandomState, seedRandom } from './base/random.ts';
import type { Phase } from './job/phase.ts';
import type { JobSpec, PolicyName, ScheduleSpec } from './job/spec.ts';
import { LIMITS } from './limits.ts';
import type { ExitCause } from './reason.ts';

export interface Settings {
  readonly workers: number;
  readonly policy: PolicyName;
  readonly quantumMs: number;
  readonly agingMs: number | null;
  readonly blocking: ScheduleSpec['blocking'];
  readonly sampleMs: number;
}

export interface RestartHistory {
  /** Automatic restarts since the job was admitted. */
  readonly total: number;
  /** Instants of the automatic restarts that still count towards the intensity. */
  readonly recentMs: readonly number[];
  /** Failures in a row, for the backoff. */
  readonly attempt: number;
  /** Starts in a row that the machine refused. */
  readonly machineRefusals: number;
}

export interface LastExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly cause: ExitCause;
  readonly leftovers: number;
  readonly atMs: number;
}

export interface MemoryHistory {
  readonly rssBytes: number | null;
  readonly peakBytes: number | null;
  readonly readAtMs: number | null;
  readonly slopeBytesPerSecond: number | null;
  readonly processes: number | null;
  /** Samples in a row above `max`. */
  readonly breaches: number;
  /** Since when the child has been told; null: it is below `high` or was not told. */
  readonly announcedAtMs: number | null;
  /** Runs in a row that passed `max` right after their start. */
  readonly earlyBreaches: number;
}

export interface Progress {
  readonly value: number;
  readonly total: number | null;
  readonly atMs: number;
  /** Smoothed; null until two reports exist. */
  readonly perSecond: number | null;
}

export interface JobTimes {
  readonly admittedAtMs: number;
  readonly firstDispatchedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly runningMs: number;
  /** In the ready queue: ready, or suspended by the scheduler. */
  readonly readyMs: number;
  readonly blockedMs: number;
  readonly slices: number;
}

export interface JobState {
  readonly index: number;
  readonly spec: JobSpec;
  readonly phase: Phase;
  /** Number of its last run; 0 before the first. */
  readonly incarnation: number;
  readonly restarts: RestartHistory;
  readonly exit: LastExit | null;
  readonly memory: MemoryHistory;
  readonly cpu: { readonly timeMs: number | null; readonly percent: number | null };
  readonly times: JobTimes;
  /** Since when its current run has been ready; null: not yet. */
  readonly readyAtMs: number | null;
  readonly heartbeatAtMs: number | null;
  readonly progress: Progress | null;
  /** Foreign stops and continues undone. */
  readonly repairs: number;
}

export interface State {
  readonly name: string;
  readonly settings: Settings;
  readonly jobs: Chunks<JobState>;
  /** Index of each job by name. */
  readonly names: ReadonlyMap<string, number>;
  /** Last incarnation of each removed job, so that its numbers never repeat. */
  readonly retired: ReadonlyMap<string, number>;
  readonly random: RandomState;
  /** Last place given out in the ready queue. */
  readonly order: number;
  readonly pacing: { readonly milliTokens: number; readonly atMs: number };
  readonly sampling: {
    readonly dueAtMs: number | null;
    readonly askedAtMs: number | null;
    /** CPU time that the last sweep took. */
    readonly costMs: number;
  };
  readonly stopRequestedAtMs: number | null;
  readonly stopped: boolean;
  readonly counters: {
    readonly repairs: number;
    readonly staleInputs: number;
    readonly sweepFailures: number;
  };
}

export const NO_MEMORY: MemoryHistory = {
  rssBytes: null,
  peakBytes: null,
  readAtMs: null,
  slopeBytesPerSecond: null,
  processes: null,
  breaches: 0,
  announcedAtMs: null,
  earlyBreaches: 0,
};

/** The state before the first event. */
export const EMPTY_STATE: State = {
  name: '',
  settings: {
    workers: 1,
    policy: 'round-robin',
    quantumMs: 100,
    agingMs: null,
    blocking: 'hold',
    sampleMs: 250,
  },
  jobs: NO_CHUNKS,
  names: new Map(),
  retired: new Map(),
  random: seedRandom(0),
  order: 0,
  pacing: { milliTokens: LIMITS.restartBurst * 1000, atMs: 0 },
  sampling: { dueAtMs: null, askedAtMs: null, costMs: 0 },
  stopRequestedAtMs: null,
  stopped: false,
  counters: { repairs: 0, staleInputs: 0, sweepFailures: 0 },
};

/** The job of that name, or undefined. */
export function findJob(state: State, name: string): JobState | undefined {
  const index = state.names.get(name);
  return index === undefined ? undefined : elementAt(state.jobs, index);
}

/** All jobs in admission order. */
export function allJobs(state: State): Generator<JobState> {
  return elementsOf(state.jobs);
}

/** The same state with one job replaced. */
export function withJob(state: State, job: JobState): State {
  return { ...state, jobs: withElement(state.jobs, job.index, job) };
}
