/**
 * The routes of a supervisor as typed functions. Shapes come from wire/api.ts and are not checked again here:
 * daemon and client are of one version.
 */
import type { SettingsChange } from '../core/input.ts';
import type { SupervisorSpec } from '../core/job/spec.ts';
import type {
  Action,
  ActionRequest,
  ActionResult,
  ApplyRequest,
  ApplyResult,
  EventRecord,
  JobDetail,
  LogLine,
  SendRequest,
  SendResult,
  ShutdownResult,
  Status,
  SupervisorStatus,
} from '../wire/api.ts';
import { request, stream } from './request.ts';

/** Lines that a slow reader has missed, or that the daemon had to drop. */
export interface StreamGap {
  readonly gap: number;
}

export type SetRequest = SettingsChange & {
  /** The job that `priority` and `weight` are for. */
  readonly job?: string;
  readonly priority?: number;
  readonly weight?: number;
};

export interface EventQuery {
  /** Go on with new ones. */
  readonly follow?: boolean;
  /** Unix milliseconds. */
  readonly since?: number;
  readonly jobs?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface LogQuery {
  readonly follow?: boolean;
  /** The last so many; absent: a few. */
  readonly lines?: number;
  /** Unix milliseconds. */
  readonly since?: number;
  readonly stream?: 'stdout' | 'stderr';
  readonly signal?: AbortSignal;
}

export interface SuperviseClient {
  status(): Promise<Status>;
  job(name: string): Promise<JobDetail>;
  apply(config: SupervisorSpec): Promise<ApplyResult>;
  act(job: string, action: Action, options?: ActionRequest): Promise<ActionResult>;
  send(job: string, message: SendRequest): Promise<SendResult>;
  set(change: SetRequest): Promise<SupervisorStatus>;
  /** `now`: without the grace. */
  shutdown(options?: { readonly now?: boolean }): Promise<ShutdownResult>;
  events(query?: EventQuery): AsyncGenerator<EventRecord | StreamGap, void>;
  logs(job: string, query?: LogQuery): AsyncGenerator<LogLine | StreamGap, void>;
  /** As long as it is read, the supervisor lives; it stops when the connection closes. */
  attach(signal?: AbortSignal): AsyncGenerator<unknown, void>;
}

/** Questions are answered at once, unless the daemon is suspended; actions take as long as they take. */
const SILENCE_MS = 10_000;

/** A client of the supervisor that listens at `socketPath`; nothing is opened before the first call. */
export function connect(socketPath: string): SuperviseClient {
  const ask = <Result>(route: string) =>
    request(socketPath, 'GET', route, undefined, { silenceMs: SILENCE_MS }) as Promise<Result>;
  const tell = <Result>(route: string, body: unknown) =>
    request(socketPath, 'POST', route, body) as Promise<Result>;
  return {
    status: () => ask('status'),
    job: (name) => ask(`jobs/${encodeURIComponent(name)}`),
    apply: (config) => tell('jobs', { config } satisfies ApplyRequest),
    act: (job, action, options = {}) => tell(`jobs/${encodeURIComponent(job)}/${action}`, options),
    send: (job, message) => tell(`jobs/${encodeURIComponent(job)}/messages`, message),
    set: (change) => tell('schedule', change),
    shutdown: (options = {}) => tell('shutdown', options),
    events: ({ signal, jobs = [], ...query } = {}) =>
      stream(socketPath, `events${queryText({ ...query, job: jobs })}`, optional(signal)) as AsyncGenerator<
        EventRecord,
        void
      >,
    logs: (job, { signal, ...query } = {}) =>
      stream(
        socketPath,
        `jobs/${encodeURIComponent(job)}/log${queryText(query)}`,
        optional(signal),
      ) as AsyncGenerator<LogLine, void>,
    attach: (signal) => stream(socketPath, 'attach', optional(signal)),
  };
}

function optional(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function queryText(
  query: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): string {
  const pairs: string[] = [];
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === false) continue;
    const values = Array.isArray(value) ? value : [value];
    for (const one of values) pairs.push(`${key}=${encodeURIComponent(String(one))}`);
  }
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
