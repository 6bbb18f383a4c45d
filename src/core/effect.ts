/**
 * Orders to the daemon, as data: imperative verbs. Each names its run; whoever performs it reports back with
 * an input, also when it fails.
 */
import type { RunId } from './job/phase.ts';
import type { Reason } from './reason.ts';

export type Effect =
  /** Start the process; answered by `os.spawned` or `os.spawn-failed`. */
  | { readonly type: 'spawn'; readonly run: RunId }
  /** SIGSTOP to the group and watch until it shows; answered by `os.suspended`. */
  | { readonly type: 'suspend'; readonly run: RunId; readonly pid: number }
  /** SIGCONT to the group. */
  | { readonly type: 'resume'; readonly run: RunId; readonly pid: number }
  /** `signal` and then SIGCONT to the whole group: a suspended process can't act on a signal. */
  | { readonly type: 'stop'; readonly run: RunId; readonly pid: number; readonly signal: string }
  /** SIGKILL to the whole group. */
  | { readonly type: 'kill'; readonly run: RunId; readonly pid: number; readonly reason: Reason }
  /** SIGKILL to what the leader left behind; answered by `os.emptied`. */
  | { readonly type: 'end-scope'; readonly run: RunId; readonly pid: number }
  /** One signal to the group, as a person asked. */
  | { readonly type: 'signal'; readonly run: RunId; readonly pid: number; readonly signal: string }
  /** Read memory, CPU and state of these runs; answered by `sweep.finished` or `sweep.failed`. */
  | { readonly type: 'sweep'; readonly runs: readonly { readonly run: RunId; readonly pid: number }[] }
  /** Tell the child that it is above `memory.high`. */
  | {
      readonly type: 'announce-pressure';
      readonly run: RunId;
      readonly rssBytes: number;
      readonly highBytes: number;
      readonly maxBytes: number | null;
    }
  /** Every job is over: clean up and leave. */
  | { readonly type: 'leave' };
