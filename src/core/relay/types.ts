/**
 * The words of the relay: what goes in, what comes out, and every reason it gives. The body of a message is
 * an opaque JSON text throughout; nothing here or below ever parses one. Absent on purpose: sockets,
 * processes and phases. The daemon translates those into inputs.
 */
import type { MailboxSpec } from '../job/spec.ts';

/** The address of the person at the command line. No job can have it: names never begin with `@`. */
export const OPERATOR = '@operator';

/** The address of everybody but the sender. */
export const EVERYBODY = '*';

/**
 * Whether messages may be written to a job now. `waiting` covers suspended, starting, ready, backing-off and
 * pending; `stopped` covers completed, failed and stopped.
 */
export type Reachability = 'delivering' | 'waiting' | 'stopped' | 'quarantined';

/** Why a message reached nobody. */
export const DEAD_LETTER_REASONS = {
  'no-such-job': 'no job has that name',
  'mailbox-full': 'its mailbox was full',
  quarantined: 'the job is quarantined',
  stopped: 'the job, or the run the message was on its way to, has stopped',
  'too-large': 'the message is too large',
  expired: 'it waited too long',
} as const;

export type DeadLetterReason = keyof typeof DEAD_LETTER_REASONS;

/** Why a message was not accepted. */
export type RejectReason = Exclude<DeadLetterReason, 'expired'> | 'cycle' | 'no-subscribers';

export type ReceiptStatus = 'accepted' | 'delivered' | 'rejected' | 'dead-lettered';

/** `waiting`: accepted, but the job does not run at this moment. */
export type ReceiptReason = 'waiting' | RejectReason | DeadLetterReason;

/** Codes of the `error` lines that the relay itself writes; refused frames bring their own. */
export const RELAY_ERRORS = {
  SUPERVISE_MESSAGE_NO_SUCH_JOB: 'no job has that name',
  SUPERVISE_MESSAGE_STOPPED: 'the job has stopped',
  SUPERVISE_MESSAGE_QUARANTINED: 'the job is quarantined',
  SUPERVISE_MESSAGE_TOO_LARGE: 'the message is too large',
  SUPERVISE_MESSAGE_CYCLE: 'the receiver waits, directly or through others, for the sender to take messages',
  SUPERVISE_TOPICS_FULL: 'the job is subscribed to as many topics as it may be',
} as const;

export type RelayErrorCode = keyof typeof RELAY_ERRORS;

/** A frame from a child after its envelope was checked. */
export type Frame =
  | {
      readonly kind: 'message';
      readonly to: string;
      readonly body: string;
      readonly id: string | null;
      readonly inReplyTo: string | null;
    }
  | { readonly kind: 'publish'; readonly topic: string; readonly body: string; readonly id: string | null }
  | { readonly kind: 'subscribe'; readonly topic: string }
  | { readonly kind: 'unsubscribe'; readonly topic: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'progress'; readonly value: number; readonly total: number | null }
  | { readonly kind: 'yield' }
  | { readonly kind: 'hello'; readonly acknowledges: boolean }
  | { readonly kind: 'acknowledge'; readonly delivery: number };

/** What a child said about itself: passed on, the relay has no use for it. */
export type ChildReport = Extract<Frame, { readonly kind: 'ready' | 'heartbeat' | 'progress' | 'yield' }>;

/** Numbers that go with a `pressure` line, written in the order given. */
export type PressureFields = readonly (readonly [name: string, value: number | null])[];

export type RelayInput =
  /** Again for a job that exists: its mailbox changed. */
  | {
      readonly type: 'job.added';
      readonly job: string;
      readonly replicaOf: string | null;
      readonly mailbox: MailboxSpec;
    }
  | { readonly type: 'job.removed'; readonly job: string }
  | { readonly type: 'job.reachable'; readonly job: string; readonly state: Reachability }
  | { readonly type: 'channel.opened'; readonly job: string; readonly incarnation: number }
  /** The run, or its channel, is gone for good. A second one for the same run changes nothing. */
  | { readonly type: 'run.ended'; readonly job: string; readonly incarnation: number }
  | {
      readonly type: 'frame.received';
      readonly job: string;
      readonly incarnation: number;
      readonly frame: Frame;
    }
  | {
      readonly type: 'frame.refused';
      readonly job: string;
      readonly incarnation: number;
      readonly code: string;
      readonly message: string;
    }
  /** The kernel took so many bytes of what was written. */
  | {
      readonly type: 'bytes.written';
      readonly job: string;
      readonly incarnation: number;
      readonly bytes: number;
    }
  /** `body` is JSON text on one line. */
  | { readonly type: 'operator.sent'; readonly to: string; readonly body: string; readonly id: string | null }
  | {
      readonly type: 'pressure.raised';
      readonly job: string;
      readonly incarnation: number;
      readonly resource: 'memory';
      readonly fields: PressureFields;
    };

export type RelayEffect =
  /** One or more JSON lines, each with its newline. */
  | { readonly type: 'write'; readonly job: string; readonly incarnation: number; readonly data: string }
  /** Stop reading the socket of this run: what it writes stays in the kernel, then blocks it. */
  | { readonly type: 'reading.paused'; readonly job: string; readonly incarnation: number }
  | { readonly type: 'reading.resumed'; readonly job: string; readonly incarnation: number }
  | {
      readonly type: 'channel.closed';
      readonly job: string;
      readonly incarnation: number;
      readonly reason: 'bad-frames';
    }
  | {
      readonly type: 'child.reported';
      readonly job: string;
      readonly incarnation: number;
      readonly report: ChildReport;
    }
  /** What became of the messages that were on their way to a run when it, or its channel, ended. */
  | {
      readonly type: 'run.settled';
      readonly job: string;
      readonly incarnation: number;
      readonly inFlight: number;
      readonly requeued: number;
      readonly deadLettered: number;
    }
  /** `accepted` false: the message was rejected and never counted as accepted. */
  | {
      readonly type: 'message.dead-lettered';
      readonly from: string;
      readonly to: string;
      readonly reason: DeadLetterReason;
      readonly bytes: number;
      readonly id: string | null;
      readonly accepted: boolean;
    }
  | {
      readonly type: 'operator.replied';
      readonly inReplyTo: string;
      readonly from: string;
      readonly body: string;
    }
  | {
      readonly type: 'operator.receipt';
      readonly id: string;
      readonly status: ReceiptStatus;
      readonly reason: ReceiptReason | null;
      readonly depth: number | null;
    };

/**
 * One mailbox as `status` shows it. At any time
 * `accepted === delivered + depth + inFlight + deadLettered`.
 */
export interface RelayCounters {
  /** Messages that wait in the mailbox. */
  readonly depth: number;
  /** Messages handed to the socket and not yet delivered. */
  readonly inFlight: number;
  readonly capacity: number;
  readonly accepted: number;
  readonly delivered: number;
  readonly deadLettered: number;
  /** Messages turned away; not part of `accepted`. */
  readonly rejected: number;
  /** `error` and `pressure` lines that were not written because the child takes none. */
  readonly hintsDropped: number;
  /** What the mailbox holds, in flight included, with the cost of keeping it. */
  readonly bytes: number;
  /** Bytes of the lines in flight: the credit in use. */
  readonly inFlightBytes: number;
}
