/**
 * Everything that can happen to the supervisor, as data: `source.happening`. News from the operating system
 * and from children names its run, so that late news about an old run can be told apart and dropped.
 */
import type { RunId } from './job/phase.ts';
import type { JobSpec, PolicyName, ScheduleSpec } from './job/spec.ts';

/** One reading of one run, all processes of its group summed. */
export interface Reading {
  readonly run: RunId;
  readonly rssBytes: number;
  /** CPU time since its start. */
  readonly cpuMs: number;
  /** Null until two readings exist. */
  readonly cpuPercent: number | null;
  readonly processes: number;
  /** Time between the reading and its arrival here. */
  readonly ageMs: number;
}

/** What differs between the jobs file in force and the one handed over. */
export interface FileDifference {
  readonly added: readonly JobSpec[];
  /** `relaunch`: what its process was started with changed, so it has to start anew. */
  readonly changed: readonly { readonly spec: JobSpec; readonly relaunch: boolean }[];
  readonly removed: readonly string[];
  /** Settings whose value in the file changed; what a person set live stays otherwise. */
  readonly settings: SettingsChange;
}

export interface SettingsChange {
  readonly workers?: number;
  readonly policy?: PolicyName;
  readonly quantumMs?: number;
  readonly agingMs?: number | null;
  readonly blocking?: ScheduleSpec['blocking'];
  readonly sampleMs?: number;
}

export type SpawnFault = 'job' | 'machine';

export type JobInput =
  | {
      readonly type: 'os.spawned';
      readonly run: RunId;
      readonly pid: number;
      readonly startTime: number | null;
    }
  | {
      readonly type: 'os.spawn-failed';
      readonly run: RunId;
      readonly code: string;
      readonly message: string;
      /** `machine`: EMFILE, EAGAIN, ENOMEM and the like, for which the job can't be blamed. */
      readonly fault: SpawnFault;
    }
  | {
      readonly type: 'os.exited';
      readonly run: RunId;
      readonly code: number | null;
      readonly signal: string | null;
      /** False: other processes of its group are still alive. */
      readonly scopeEmpty: boolean;
    }
  | { readonly type: 'os.emptied'; readonly run: RunId; readonly leftovers: readonly number[] }
  | { readonly type: 'os.suspended'; readonly run: RunId; readonly seen: boolean }
  | { readonly type: 'os.drifted'; readonly run: RunId; readonly found: 'stopped' | 'continued' }
  | { readonly type: 'os.sampled'; readonly run: RunId; readonly reading: Reading }
  | { readonly type: 'child.ready'; readonly run: RunId }
  | { readonly type: 'child.heartbeat'; readonly run: RunId }
  | { readonly type: 'child.yielded'; readonly run: RunId }
  | {
      readonly type: 'child.progressed';
      readonly run: RunId;
      readonly value: number;
      readonly total: number | null;
    };

export type OperatorInput =
  | { readonly type: 'operator.stop'; readonly jobs: readonly string[] }
  | { readonly type: 'operator.restart'; readonly jobs: readonly string[] }
  | { readonly type: 'operator.suspend'; readonly jobs: readonly string[] }
  | { readonly type: 'operator.resume'; readonly jobs: readonly string[] };

export type Input =
  | { readonly type: 'clock.woke' }
  | JobInput
  | OperatorInput
  | { readonly type: 'sweep.finished'; readonly readings: readonly Reading[]; readonly costMs: number }
  | { readonly type: 'sweep.failed'; readonly message: string }
  | ({ readonly type: 'file.applied' } & FileDifference)
  | { readonly type: 'operator.set'; readonly settings: SettingsChange }
  | {
      readonly type: 'operator.set-job';
      readonly job: string;
      readonly priority: number | null;
      readonly weight: number | null;
    }
  | { readonly type: 'operator.signal'; readonly job: string; readonly signal: string }
  /** `now`: without grace. */
  | { readonly type: 'operator.shutdown'; readonly now: boolean }
  | {
      readonly type: 'relay.dead-lettered';
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      readonly bytes: number;
    }
  /** Processes that had left the group of a run that is over, and were ended. */
  | { readonly type: 'os.strays-ended'; readonly run: RunId; readonly pids: readonly number[] }
  | { readonly type: 'relay.channel-closed'; readonly run: RunId; readonly reason: string };
