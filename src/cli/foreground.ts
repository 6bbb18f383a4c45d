/**
 * A supervisor bound to this command: its output in the foreground, its life tied to one connection, its end
 * when all jobs are at rest or a person says so.
 */
import { setMaxListeners } from 'node:events';
import type { SuperviseClient } from '../client/client.ts';
import type { SupervisorSpec } from '../core/job/spec.ts';
import { LIMITS } from '../core/limits.ts';
import type { EventRecord, LogLine, Status } from '../wire/api.ts';
import { SuperviseError } from '../wire/errors.ts';
import { pathsOf } from '../wire/paths.ts';
import { sleep, wallMs } from './clock.ts';
import { type Context, note, printLine } from './context.ts';
import { untilStatus } from './follow.ts';
import type { EndSignal } from './io.ts';
import { launchNew } from './launch.ts';
import { type ReorderBuffer, reorderBuffer } from './merge.ts';
import { noticeOf } from './render/events.ts';
import { listText } from './render/format.ts';
import { namePainter, renderLogLine } from './render/logs.ts';
import { refuseSurvivors, shutDown } from './shutdown.ts';
import { signalExitCode } from './signals.ts';

/** Output that was written before the end but not printed yet gets this long. */
const DRAIN_MS = 2000;

type End = { readonly kind: 'at-rest'; readonly status: Status } | { readonly kind: 'signalled' | 'gone' };

interface Session {
  readonly context: Context;
  readonly client: SuperviseClient;
  readonly startedMs: number;
  readonly lines: ReorderBuffer<LogLine>;
  /** Aborted when nothing more is to be read. */
  readonly over: AbortController;
  /** Jobs whose output is read. */
  readonly followed: Set<string>;
  readonly readers: Promise<void>[];
  stopRequested: boolean;
}

/** Starts the supervisor, shows what its jobs do, and ends with them. */
export async function runInForeground(context: Context, config: SupervisorSpec): Promise<number> {
  const startedMs = wallMs();
  const signals = watchSignals(context, config);
  try {
    const client = await launchNew(context.io, config);
    const names = config.jobs.map(({ spec }) => spec.name);
    const session = sessionOf(context, client, startedMs, names);
    const gone = attachment(session);
    session.readers.push(followEvents(session));
    for (const name of names) followJob(session, name);
    const end = await Promise.race([gone, signals.first, atRest(session)]);
    const { socket } = pathsOf(config.name, context.io.env);
    const survivors = end.kind === 'gone' ? [] : await shutDown(socket, signals.isSecond());
    await Promise.race([Promise.all(session.readers), sleep(DRAIN_MS, session.over.signal)]);
    session.lines.flush();
    session.over.abort();
    refuseSurvivors(survivors);
    return exitCodeOf(session, end, signals.signal());
  } finally {
    signals.unsubscribe();
  }
}

interface Signals {
  /** Resolves at the first signal, or when nobody reads the output any more. */
  readonly first: Promise<End>;
  isSecond(): boolean;
  signal(): EndSignal | null;
  unsubscribe(): void;
}

/** The first signal asks for a graceful end, each further one kills. */
function watchSignals(context: Context, config: SupervisorSpec): Signals {
  let signal: EndSignal | null = null;
  let count = 0;
  let resolveFirst: (end: End) => void = () => {};
  const first = new Promise<End>((resolve) => {
    resolveFirst = resolve;
  });
  context.io.readerGone.addEventListener('abort', () => resolveFirst({ kind: 'signalled' }), { once: true });
  const unsubscribe = context.io.onSignal((received) => {
    signal ??= received;
    count += 1;
    if (count === 1) note(context, 'stopping all jobs; once more kills them');
    // The answer to the first request tells how it went.
    else void shutDown(pathsOf(config.name, context.io.env).socket, true).catch(() => {});
    resolveFirst({ kind: 'signalled' });
  });
  return { first, isSecond: () => count > 1, signal: () => signal, unsubscribe };
}

function sessionOf(
  context: Context,
  client: SuperviseClient,
  startedMs: number,
  names: readonly string[],
): Session {
  const painter = namePainter(names, context.colors);
  const print = (lines: readonly LogLine[]) => {
    for (const line of lines) {
      printLine(context, context.json ? JSON.stringify(line) : renderLogLine(line, painter, context.colors));
    }
  };
  const over = new AbortController();
  // Each job's stream listens to it: many listeners are no leak here.
  setMaxListeners(0, over.signal);
  return {
    context,
    client,
    startedMs,
    lines: reorderBuffer(print),
    over,
    followed: new Set(),
    readers: [],
    stopRequested: false,
  };
}

/** Resolves when the daemon ends, for whatever reason. */
async function attachment({ client, over }: Session): Promise<End> {
  await untilBrokenOff(client.attach(over.signal), () => {});
  return { kind: 'gone' };
}

async function followEvents(session: Session): Promise<void> {
  const { client, startedMs, over } = session;
  await untilBrokenOff(client.events({ follow: true, since: startedMs, signal: over.signal }), (event) => {
    if ('gap' in event) return;
    if (event.type === 'supervisor.stop-requested') session.stopRequested = true;
    if (event.type === 'job.admitted') followJob(session, event.job);
    tell(session, event);
  });
}

function tell({ lines }: Session, event: EventRecord): void {
  const notice = noticeOf(event);
  if (notice !== null) lines.add({ job: notice.job, at: event.wall, stream: 'supervise', text: notice.text });
}

function followJob(session: Session, job: string): void {
  const { client, followed, startedMs, over, lines, readers } = session;
  if (followed.has(job)) return;
  followed.add(job);
  const query = { follow: true, since: startedMs, lines: LIMITS.logTailMaxLines, signal: over.signal };
  const read = untilBrokenOff(client.logs(job, query), (line) => {
    const isGap = 'gap' in line;
    lines.add(
      isGap ? { job, at: wallMs(), stream: 'supervise', text: `${line.gap} lines missing here` } : line,
    );
  });
  readers.push(read);
}

/** All streams end with the daemon, and it closes them as it likes. */
async function untilBrokenOff<Item>(stream: AsyncIterable<Item>, take: (item: Item) => void): Promise<void> {
  try {
    for await (const item of stream) take(item);
  } catch (error) {
    if (!(error instanceof SuperviseError)) throw error;
  }
}

async function atRest({ client, over }: Session): Promise<End> {
  try {
    const { status } = await untilStatus({
      client,
      isThere: isAllAtRest,
      withinMs: null,
      signal: over.signal,
    });
    return { kind: 'at-rest', status };
  } catch (error) {
    // A lost daemon is told by the attachment; after the end nobody waits for this.
    if (!(error instanceof SuperviseError)) throw error;
    await new Promise<void>((resolve) =>
      over.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    return { kind: 'gone' };
  }
}

function isAllAtRest({ jobs }: Status): boolean {
  return jobs.every(
    ({ phase }) =>
      phase === 'completed' || phase === 'failed' || phase === 'quarantined' || phase === 'stopped',
  );
}

function exitCodeOf({ context, stopRequested }: Session, end: End, signal: EndSignal | null): number {
  if (signal !== null) return signalExitCode(signal);
  switch (end.kind) {
    case 'signalled':
      return 0;
    case 'gone':
      if (!stopRequested)
        throw new SuperviseError(
          'SUPERVISE_NO_DAEMON',
          'the daemon ended unexpectedly; its crash.log may say why',
        );
      note(context, 'the supervisor was stopped from elsewhere');
      return 1;
    case 'at-rest': {
      const others = end.status.jobs.filter(({ phase }) => phase !== 'completed');
      if (others.length > 0)
        note(context, `not completed: ${listText(others.map(({ name, phase }) => `${name} (${phase})`))}`);
      return others.length === 0 ? 0 : 1;
    }
  }
}
