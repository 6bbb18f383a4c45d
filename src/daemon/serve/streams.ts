/**
 * Endless answers: events, logs, the attachment of `run`. Each is paced by its reader: what the reader does not
 * take is not produced, and what it missed meanwhile is said as a gap. Memory per reader is bounded.
 */
import type { Context } from 'hono';
import { stream, streamSSE } from 'hono/streaming';
import { jobOf } from '../../core/event.ts';
import { LIMITS } from '../../core/limits.ts';
import type { EventRecord, LogLine } from '../../wire/api.ts';
import type { Daemon } from '../daemon.ts';
import type { LogStream } from '../os/log-file.ts';
import { readLog } from './log-tail.ts';

export interface EventQuery {
  readonly follow: boolean;
  /** Unix milliseconds; null: from the first in the ring. */
  readonly sinceWall: number | null;
  readonly jobs: ReadonlySet<string> | null;
  /** Resume after this number of this epoch. */
  readonly lastEventId: string | null;
  readonly asServerSentEvents: boolean;
}

/** The event stream, as NDJSON or server-sent events. */
export function streamEvents(context: Context, daemon: Daemon, query: EventQuery): Response {
  const { journal } = daemon;
  const wanted = (record: EventRecord): boolean =>
    (query.sinceWall === null || record.wall >= query.sinceWall) &&
    (query.jobs === null || query.jobs.has(jobOf(record) ?? ''));
  let cursor =
    resumeAfter(query.lastEventId, journal.epoch) ??
    (query.sinceWall === null && query.follow ? journal.lastSeq() + 1 : 1);

  const pump = async (
    write: (record: EventRecord) => Promise<unknown>,
    gap: (lost: number) => Promise<unknown>,
    over: () => boolean,
  ): Promise<void> => {
    const bell = createBell(journal.subscribe);
    try {
      while (!over()) {
        const { records, lost } = journal.since(cursor);
        if (lost > 0 && cursor > 1) await gap(lost);
        cursor = journal.lastSeq() + 1;
        for (const record of records) if (wanted(record) && !over()) await write(record);
        if (!query.follow) return;
        if (journal.lastSeq() < cursor) await bell.rings();
      }
    } finally {
      bell.close();
    }
  };

  if (query.asServerSentEvents) {
    return streamSSE(context, async (sse) => {
      const bell = closer(sse);
      await Promise.race([
        bell.closed,
        pump(
          (record) =>
            sse.writeSSE({
              id: `${record.epoch}-${record.seq}`,
              event: record.type,
              data: JSON.stringify(record),
            }),
          (lost) => sse.writeSSE({ event: 'gap', data: JSON.stringify({ lost }) }),
          () => sse.aborted,
        ),
      ]);
    });
  }
  return stream(context, async (out) => {
    const bell = closer(out);
    await Promise.race([
      bell.closed,
      pump(
        (record) => out.write(`${JSON.stringify(record)}\n`),
        (lost) => out.write(`${JSON.stringify({ gap: lost })}\n`),
        () => out.aborted,
      ),
    ]);
  });
}

export interface LogQuery {
  readonly lines: number;
  readonly sinceWall: number | null;
  readonly follow: boolean;
  readonly streams: ReadonlySet<LogStream> | null;
}

/** What a job wrote: the tail of its files, then live. */
export function streamLog(context: Context, daemon: Daemon, job: string, query: LogQuery): Response {
  return stream(context, async (out) => {
    const backlog: string[] = [];
    let backlogBytes = 0;
    let dropped = 0;
    const bell = createBell(() => () => {});
    const unsubscribe = daemon.logs.subscribe((name, tag, wallMs, lines) => {
      if (name !== job || !query.follow || (query.streams !== null && !query.streams.has(tag))) return;
      for (const line of lines) {
        if (backlogBytes > FOLLOWER_MAX_BYTES) {
          dropped += 1;
          continue;
        }
        const text = lineOf({ job, at: wallMs, stream: tag, text: line.toString('utf8') });
        backlog.push(text);
        backlogBytes += text.length;
      }
      bell.ring();
    });
    const closing = closer(out);
    try {
      for (const line of readLog(daemon.logs.pathOf(job), job, query)) await out.write(lineOf(line));
      while (query.follow && !out.aborted) {
        const text = backlog.splice(0).join('');
        backlogBytes = 0;
        if (text !== '') await out.write(text);
        if (dropped > 0) {
          await out.write(`${JSON.stringify({ gap: dropped })}\n`);
          dropped = 0;
        }
        if (backlog.length === 0) await Promise.race([bell.rings(), closing.closed]);
      }
    } finally {
      unsubscribe();
    }
  });
}

/** Held open by `run`: when it closes, whatever the reason, the supervisor stops. */
export function streamAttachment(context: Context, daemon: Daemon): Response {
  return stream(context, async (out) => {
    await out.write(`${JSON.stringify({ attached: true })}\n`);
    await closer(out).closed;
    daemon.loop.post({ type: 'operator.shutdown', now: false });
  });
}

const FOLLOWER_MAX_BYTES = LIMITS.followerMaxBytes;

function lineOf(line: LogLine): string {
  return `${JSON.stringify(line)}\n`;
}

function closer(out: { onAbort: (listener: () => void) => void }): { closed: Promise<void> } {
  return { closed: new Promise((resolve) => out.onAbort(() => resolve())) };
}

/** A condition to wait for, without polling: rung from outside, or by whatever it subscribed to. */
function createBell(subscribe: (listener: () => void) => () => void): {
  ring: () => void;
  rings: () => Promise<void>;
  close: () => void;
} {
  let waiting: (() => void) | null = null;
  let rung = false;
  const ring = (): void => {
    rung = true;
    waiting?.();
  };
  const unsubscribe = subscribe(ring);
  return {
    ring,
    rings: () =>
      new Promise((resolve) => {
        waiting = () => {
          waiting = null;
          rung = false;
          resolve();
        };
        if (rung) waiting();
      }),
    close: () => {
      unsubscribe();
      waiting?.();
    },
  };
}

/** `epoch-seq` of this very daemon; anything else starts at the beginning. */
function resumeAfter(lastEventId: string | null, epoch: number): number | null {
  const match = /^(\d+)-(\d+)$/.exec(lastEventId ?? '');
  return match !== null && Number(match[1]) === epoch ? Number(match[2]) + 1 : null;
}
