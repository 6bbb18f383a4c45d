/**
 * Endless answers: events, logs, the attachment of `run`. Each is paced by its reader: what the reader does not
 * take is not produced, and what it missed meanwhile is said as a gap. Memory per reader is bounded.
 */
import { jobOf } from '../../core/event.ts';
import { LIMITS } from '../../core/limits.ts';
import type { EventRecord, LogLine } from '../../wire/api.ts';
import type { Daemon } from '../daemon.ts';
import type { LogStream } from '../os/log-file.ts';
import type { Answer, Outlet } from './http.ts';
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

const NDJSON = 'application/x-ndjson; charset=utf-8';

/** How one record, or a gap, is written. */
interface Format {
  readonly contentType: string;
  readonly record: (record: EventRecord) => string;
  readonly gap: (lost: number) => string;
}

const LINES: Format = {
  contentType: NDJSON,
  record: (record) => `${JSON.stringify(record)}\n`,
  gap: (lost) => `${JSON.stringify({ gap: lost })}\n`,
};

/** https://html.spec.whatwg.org/multipage/server-sent-events.html */
const SERVER_SENT: Format = {
  contentType: 'text/event-stream; charset=utf-8',
  record: (record) =>
    `id: ${record.epoch}-${record.seq}\nevent: ${record.type}\ndata: ${JSON.stringify(record)}\n\n`,
  gap: (lost) => `event: gap\ndata: ${JSON.stringify({ lost })}\n\n`,
};

/** The event stream, as NDJSON or server-sent events. */
export function streamEvents(daemon: Daemon, query: EventQuery): Answer {
  const { journal } = daemon;
  const format = query.asServerSentEvents ? SERVER_SENT : LINES;
  const wanted = (record: EventRecord): boolean =>
    (query.sinceWall === null || record.wall >= query.sinceWall) &&
    (query.jobs === null || query.jobs.has(jobOf(record) ?? ''));
  const live = query.sinceWall === null && query.follow;
  let cursor = resumeAfter(query.lastEventId, journal.epoch) ?? (live ? journal.lastSeq() + 1 : 1);

  const pump = async (out: Outlet): Promise<void> => {
    const bell = createBell(journal.subscribe);
    void out.closed.then(bell.ring);
    try {
      while (!out.isClosed()) {
        const { records, lost } = journal.since(cursor);
        if (lost > 0 && cursor > 1) await out.write(format.gap(lost));
        cursor = journal.lastSeq() + 1;
        for (const record of records)
          if (wanted(record) && !out.isClosed()) await out.write(format.record(record));
        if (!query.follow) return;
        if (journal.lastSeq() < cursor) await bell.rings();
      }
    } finally {
      bell.close();
    }
  };
  return { contentType: format.contentType, stream: pump };
}

export interface LogQuery {
  readonly lines: number;
  readonly sinceWall: number | null;
  readonly follow: boolean;
  readonly streams: ReadonlySet<LogStream> | null;
}

/** What a job wrote: the tail of its files, then live. */
export function streamLog(daemon: Daemon, job: string, query: LogQuery): Answer {
  const stream = async (out: Outlet): Promise<void> => {
    const backlog: string[] = [];
    let backlogBytes = 0;
    let dropped = 0;
    const bell = createBell(() => () => {});
    void out.closed.then(bell.ring);
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
    try {
      for (const line of readLog(daemon.logs.pathOf(job), job, query)) await out.write(lineOf(line));
      while (query.follow && !out.isClosed()) {
        const text = backlog.splice(0).join('');
        backlogBytes = 0;
        if (text !== '') await out.write(text);
        if (dropped > 0) {
          await out.write(`${JSON.stringify({ gap: dropped })}\n`);
          dropped = 0;
        }
        if (backlog.length === 0) await bell.rings();
      }
    } finally {
      unsubscribe();
    }
  };
  return { contentType: NDJSON, stream };
}

/** Held open by `run`: when it closes, whatever the reason, the supervisor stops. */
export function streamAttachment(daemon: Daemon): Answer {
  const stream = async (out: Outlet): Promise<void> => {
    await out.write(`${JSON.stringify({ attached: true })}\n`);
    await out.closed;
    daemon.loop.post({ type: 'operator.shutdown', now: false });
  };
  return { contentType: NDJSON, stream };
}

const FOLLOWER_MAX_BYTES = LIMITS.followerMaxBytes;

function lineOf(line: LogLine): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * A condition to wait for, without polling: rung from outside, or by whatever it subscribed to. Waiting leaves
 * nothing behind: a race against a promise that lives as long as the reader would grow with each event.
 */
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
