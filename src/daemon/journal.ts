/**
 * The event stream: numbers and stamps every event, appends the durable ones to disk before they are acted on,
 * keeps the last ones in a ring and hands them to subscribers. Nobody who listens can slow it: a subscriber
 * reads the ring by number and learns of a gap when it was too slow.
 */
import { closeSync, constants, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { type Event, isDurable } from '../core/event.ts';
import { LIMITS } from '../core/limits.ts';
import type { EventRecord } from '../wire/api.ts';
import type { Clock } from './clock.ts';

export interface Journal {
  readonly append: (events: readonly Event[]) => readonly EventRecord[];
  /** Records from `seq` on that are still in the ring, and how many before them are lost. */
  readonly since: (seq: number) => { readonly records: readonly EventRecord[]; readonly lost: number };
  readonly lastSeq: () => number;
  /** Start of this daemon, Unix milliseconds. */
  readonly epoch: number;
  readonly subscribe: (listener: () => void) => () => void;
  /** Since when records can't be written to disk; null: they can. */
  readonly failingSinceMs: () => number | null;
  readonly close: () => void;
}

const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;

export function openJournal(path: string, clock: Clock): Journal {
  const epoch = clock.wall();
  const ring: EventRecord[] = [];
  const listeners = new Set<() => void>();
  const disk = openDisk(path, clock);
  let seq = 0;

  return {
    epoch,
    append: (events) => {
      const wall = clock.wall();
      const records = events.map((event): EventRecord => ({ ...event, epoch, seq: ++seq, wall }));
      disk.write(records.filter(isDurable));
      ring.push(...records);
      if (ring.length > LIMITS.eventRingMax * 2) ring.splice(0, ring.length - LIMITS.eventRingMax);
      for (const listener of listeners) listener();
      return records;
    },
    since: (from) => {
      const first = ring[0]?.seq ?? seq + 1;
      const start = Math.max(0, from - first);
      return { records: ring.slice(start), lost: Math.max(0, first - from) };
    },
    lastSeq: () => seq,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    failingSinceMs: disk.failingSinceMs,
    close: disk.close,
  };
}

interface Disk {
  readonly write: (records: readonly EventRecord[]) => void;
  readonly failingSinceMs: () => number | null;
  readonly close: () => void;
}

/**
 * Not synced: a journal is read after the daemon died, when the page cache is still there. After the machine
 * died there is no process left to look for.
 */
function openDisk(path: string, clock: Clock): Disk {
  let descriptor: number | null = null;
  let size = 0;
  let failingSinceMs: number | null = null;
  // The first record of a daemon, and the one after a torn write, starts on a line of its own.
  let torn = true;

  const open = (): number => {
    if (descriptor === null) {
      descriptor = openSync(path, APPEND, 0o600);
      size = fstatSync(descriptor).size;
      torn = torn && size > 0;
    }
    return descriptor;
  };
  const close = (): void => {
    if (descriptor !== null) closeSync(descriptor);
    descriptor = null;
  };

  const write = (records: readonly EventRecord[]): void => {
    if (records.length === 0) return;
    try {
      if (size > LIMITS.journalMaxBytes) {
        close();
        renameSync(path, `${path}.1`);
      }
      const target = open();
      const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
      const data = Buffer.from(torn && size > 0 ? `\n${text}` : text);
      const written = writeSync(target, data);
      size += written;
      torn = written < data.length;
      failingSinceMs = torn ? (failingSinceMs ?? clock.now()) : null;
    } catch {
      failingSinceMs ??= clock.now();
      torn = true;
      close();
    }
  };
  return { write, failingSinceMs: () => failingSinceMs, close };
}
