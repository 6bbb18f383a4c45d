/**
 * The total table phase × input: every cell is a handler, `ignore` (legal, nothing to do) or `impossible` (an
 * invariant violation). The compiler refuses a missing cell. News about a run that is no longer current never
 * gets here: `decide` drops it first.
 */
import type { JobInput, OperatorInput } from '../input.ts';
import type { JobState } from '../state.ts';
import type { Step } from '../step.ts';
import * as on from './handlers.ts';
import type { Phase, PhaseKind } from './phase.ts';

export type TableInput = JobInput | OperatorInput;
export type TableInputType = TableInput['type'];

/** A job known to be in phase `K`. */
export type JobIn<K extends PhaseKind> = JobState & { readonly phase: Extract<Phase, { kind: K }> };
export type InputOf<T extends TableInputType> = Extract<TableInput, { type: T }>;

export type Handler<K extends PhaseKind, T extends TableInputType> = (
  step: Step,
  job: JobIn<K>,
  input: InputOf<T>,
) => void;

export type Cell<K extends PhaseKind, T extends TableInputType> = Handler<K, T> | 'ignore' | 'impossible';
export type Table = { readonly [K in PhaseKind]: { readonly [T in TableInputType]: Cell<K, T> } };

/** No process exists: the operating system and the child can't have news of it. */
const NO_PROCESS = {
  'os.spawned': 'impossible',
  'os.spawn-failed': 'impossible',
  'os.exited': 'impossible',
  'os.emptied': 'impossible',
  'os.suspended': 'ignore',
  'os.drifted': 'ignore',
  'os.sampled': 'ignore',
  'child.ready': 'ignore',
  'child.heartbeat': 'ignore',
  'child.yielded': 'ignore',
  'child.progressed': 'ignore',
} as const;

/** Nothing happens until a person asks for a restart. */
const AT_REST = {
  ...NO_PROCESS,
  'operator.stop': 'ignore',
  'operator.restart': on.restartFromRest,
  'operator.suspend': 'ignore',
  'operator.resume': 'ignore',
} as const;

/** A process exists and may say anything about itself. */
const FROM_CHILD = {
  'os.sampled': on.sampled,
  'child.ready': on.reportedReady,
  'child.heartbeat': on.reportedHeartbeat,
  'child.progressed': on.reportedProgress,
} as const;

export const TRANSITIONS = {
  pending: {
    ...NO_PROCESS,
    'operator.stop': on.stopRequested,
    'operator.restart': on.forgiven,
    'operator.suspend': 'ignore',
    'operator.resume': 'ignore',
  },
  ready: {
    ...NO_PROCESS,
    'operator.stop': on.stopRequested,
    'operator.restart': on.forgiven,
    'operator.suspend': 'ignore',
    'operator.resume': 'ignore',
  },
  starting: {
    ...NO_PROCESS,
    'os.spawned': on.spawned,
    'os.spawn-failed': on.spawnFailed,
    'operator.stop': on.stopRequested,
    'operator.restart': on.forgiven,
    'operator.suspend': on.suspendPostponed,
    'operator.resume': on.resumePostponed,
  },
  running: {
    ...FROM_CHILD,
    'os.spawned': 'impossible',
    'os.spawn-failed': 'impossible',
    'os.exited': on.exited,
    'os.emptied': 'impossible',
    'os.suspended': on.suspended,
    'os.drifted': on.drifted,
    'child.yielded': on.yielded,
    'operator.stop': on.stopRequested,
    'operator.restart': on.restartRequested,
    'operator.suspend': on.suspendRunning,
    'operator.resume': on.resumeRunning,
  },
  suspended: {
    ...FROM_CHILD,
    'os.spawned': 'impossible',
    'os.spawn-failed': 'impossible',
    'os.exited': on.exited,
    'os.emptied': 'impossible',
    'os.suspended': 'ignore',
    'os.drifted': on.drifted,
    'child.yielded': 'ignore',
    'operator.stop': on.stopRequested,
    'operator.restart': on.restartRequested,
    'operator.suspend': on.suspendSuspended,
    'operator.resume': on.resumeSuspended,
  },
  blocked: {
    ...FROM_CHILD,
    'os.spawned': 'impossible',
    'os.spawn-failed': 'impossible',
    'os.exited': on.exited,
    'os.emptied': 'impossible',
    'os.suspended': 'ignore',
    'os.drifted': on.drifted,
    'child.yielded': 'ignore',
    'operator.stop': on.stopRequested,
    'operator.restart': on.restartRequested,
    'operator.suspend': on.suspendBlocked,
    'operator.resume': 'ignore',
  },
  stopping: {
    ...FROM_CHILD,
    'os.spawned': 'impossible',
    'os.spawn-failed': 'impossible',
    'os.exited': on.exited,
    'os.emptied': on.emptied,
    'os.suspended': 'ignore',
    'os.drifted': 'ignore',
    'child.yielded': 'ignore',
    'operator.stop': on.stopRequested,
    'operator.restart': on.restartRequested,
    'operator.suspend': 'ignore',
    'operator.resume': 'ignore',
  },
  'backing-off': {
    ...NO_PROCESS,
    'operator.stop': on.stopRequested,
    'operator.restart': on.restartFromRest,
    'operator.suspend': 'ignore',
    'operator.resume': 'ignore',
  },
  quarantined: AT_REST,
  completed: AT_REST,
  failed: AT_REST,
  stopped: AT_REST,
} satisfies Table;
