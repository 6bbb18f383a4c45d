/**
 * What daemon and clients say to each other: JSON over HTTP on a unix socket, under `/api/v1`. Shapes only, so
 * that both sides compile against one definition.
 *
 * | route | body | answer |
 * | --- | --- | --- |
 * | GET  status                    | –               | `Status` |
 * | GET  jobs/NAME                 | –               | `JobDetail` |
 * | POST jobs                      | `ApplyRequest`  | `ApplyResult` |
 * | POST jobs/NAME/ACTION          | `ActionRequest` | `ActionResult`, once the effect is there |
 * | POST jobs/NAME/messages        | `SendRequest`   | `SendResult` |
 * | GET  jobs/NAME/log?lines&since&follow&stream | – | NDJSON of `LogLine`, or `{"gap": n}` |
 * | POST schedule                  | `SettingsChange` and/or `{job, priority, weight}` | `Status['supervisor']` |
 * | GET  events?since&follow&job   | –               | NDJSON of `EventRecord`; with `Accept: text/event-stream` as server-sent events |
 * | POST shutdown                  | –               | `ShutdownResult`, once everything is over |
 * | GET  attach                    | –               | NDJSON; the supervisor stops when this connection closes (for `run`) |
 *
 * Errors come as `{"error": ErrorBody}` with a 4xx or 5xx status.
 */
import type { Event } from '../core/event.ts';
import type { SupervisorSpec } from '../core/job/spec.ts';
import type { JobStatus } from '../core/views/status.ts';
import type { ErrorBody } from './errors.ts';

export interface RelayStatus {
  readonly mailbox: {
    /** Messages that wait. */
    readonly depth: number;
    /** Messages on their way to the child: accepted = delivered + depth + inFlight + deadLettered. */
    readonly inFlight: number;
    readonly capacity: number;
    readonly accepted: number;
    readonly delivered: number;
    readonly deadLettered: number;
  };
  readonly channel: 'open' | 'closed' | 'none';
  readonly output: { readonly bytes: number; readonly droppedBytes: number };
}

export interface SupervisorStatus {
  readonly name: string;
  readonly pid: number;
  readonly guardPid: number | null;
  readonly version: string;
  readonly uptimeMs: number;
  readonly rssBytes: number;
  readonly cpuPercent: number | null;
  readonly workers: number;
  readonly policy: string;
  readonly quantumMs: number;
  readonly agingMs: number | null;
  readonly blocking: string;
  readonly socket: string;
  /** Absolute path of the jobs file in force. */
  readonly file: string;
  readonly stopping: boolean;
  readonly degraded: readonly { readonly reason: string; readonly sinceMs: number }[];
  readonly recovered: null;
}

export interface Status {
  readonly supervisor: SupervisorStatus;
  readonly jobs: readonly (JobStatus & RelayStatus)[];
}

/** An event as it is journalled and streamed. */
export type EventRecord = Event & {
  /** Start of the daemon that wrote it, as Unix milliseconds. */
  readonly epoch: number;
  /** Gap-free within an epoch in the stream; on disk a gap marks volatile events. */
  readonly seq: number;
  /** Wall clock, Unix milliseconds: a stamp, never used for arithmetic. */
  readonly wall: number;
};

export interface JobDetail {
  readonly job: JobStatus & RelayStatus;
  /** The last decisions about this job, oldest first. */
  readonly decisions: readonly EventRecord[];
  /** Argument vector and folder; environment by key only. */
  readonly launch: {
    readonly argv: readonly string[];
    readonly shell: boolean;
    readonly cwd: string;
    readonly envKeys: readonly string[];
  };
  readonly restart: {
    readonly policy: string;
    readonly delaysMs: readonly number[];
    readonly graceMs: number;
    readonly signal: string;
  };
  /** Jobs in the ready queue before this one, in the order of the policy; null when it does not wait. */
  readonly ahead: readonly string[] | null;
  /** Who holds the slots now. */
  readonly computing: readonly string[];
  readonly supervisor: SupervisorStatus;
}

export interface ApplyRequest {
  readonly config: SupervisorSpec;
}

export interface ApplyResult {
  readonly added: readonly string[];
  /** `how`: `restarted` (its process starts anew), `in-place`, or `at-rest` (kept for its next start). */
  readonly changed: readonly { readonly name: string; readonly how: 'restarted' | 'in-place' | 'at-rest' }[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
  /** Settings of the supervisor that changed, by name. */
  readonly settings: readonly string[];
  /** True: something was started, with the environment of the `start` that brought this daemon up. */
  readonly environmentKept: boolean;
}

export const ACTIONS = ['stop', 'restart', 'suspend', 'resume', 'signal'] as const;
export type Action = (typeof ACTIONS)[number];

export interface ActionRequest {
  /** For `signal`. */
  readonly signal?: string;
  /** For `restart`: answer only when the job is ready. */
  readonly untilReady?: boolean;
  readonly timeoutMs?: number;
}

export interface ActionResult {
  readonly job: JobStatus;
  /** False: nothing had to be done. */
  readonly changed: boolean;
}

export interface SendRequest {
  /** Any JSON value. */
  readonly body: unknown;
  /** Wait for the reply this long; absent: answer when the mailbox has accepted it. */
  readonly replyWithinMs?: number;
}

export interface SendResult {
  readonly status: 'accepted' | 'delivered' | 'rejected' | 'dead-lettered';
  readonly reason: string | null;
  readonly depth: number | null;
  /** The reply, when one was waited for. */
  readonly reply?: { readonly from: string; readonly body: unknown };
}

export interface LogLine {
  readonly job: string;
  /** Wall clock, Unix milliseconds. */
  readonly at: number;
  readonly stream: 'stdout' | 'stderr' | 'supervise';
  readonly text: string;
}

export interface ShutdownResult {
  /** Processes that could not be ended. */
  readonly survivors: readonly { readonly job: string; readonly pid: number }[];
}

/** First line from CLI to daemon on the start-up pipe. */
export interface Handoff {
  readonly config: SupervisorSpec;
}

/** The daemon's one answer on the start-up pipe. */
export type HandoffAnswer =
  | { readonly started: true; readonly pid: number }
  | { readonly started: false; readonly error: ErrorBody };
