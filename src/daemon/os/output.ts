/**
 * From the pipes of a run to its log file, in bounded memory: at most one partial line a stream is held. A job
 * that writes more than its share of a window is not read until the next one, so that it stalls in its own
 * write and takes no time from the others. Bytes are bytes: decoding is left to whoever shows them.
 */
import type { Readable } from 'node:stream';
import { earliestOf } from '../../core/base/instants.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock, WakeSource } from '../clock.ts';
import type { LogFile, LogStream } from './log-file.ts';

export interface Output {
  readonly source: WakeSource;
  /** Reads the pipes of a run until they end or `finish` is called. */
  readonly follow: (run: FollowedRun) => OutputReader;
}

export interface FollowedRun {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly file: LogFile;
  /** Whole lines as they are written, for those who follow. */
  readonly onLines: (stream: LogStream, wallMs: number, lines: readonly Buffer[]) => void;
}

export interface OutputReader {
  /** Bytes read so far. */
  readonly bytes: () => number;
  /** The run is over: take what is still in the pipes, within the drain limit, and let go. */
  readonly finish: () => void;
}

interface Pipe {
  readonly stream: Readable;
  readonly tag: LogStream;
  partial: Buffer;
}

interface Reader {
  readonly pipes: readonly Pipe[];
  readonly run: FollowedRun;
  bytes: number;
  windowBytes: number;
  /** Since when it is not read; null: it is. */
  pausedAtMs: number | null;
  windowStartedAtMs: number;
  /** When what is left in the pipes is given up; null: the run is alive. */
  drainUntilMs: number | null;
}

/** Output of all runs; register `source` with the clock. */
export function createOutput(clock: Clock): Output {
  const readers = new Set<Reader>();

  const drop = (reader: Reader): void => {
    if (!readers.delete(reader)) return;
    for (const pipe of reader.pipes) {
      if (pipe.partial.length > 0) deliver(reader, pipe.tag, [pipe.partial], clock.wall());
      pipe.partial = EMPTY;
      pipe.stream.destroy();
    }
  };

  const follow = (run: FollowedRun): OutputReader => {
    const reader = createReader(run, clock.now());
    readers.add(reader);
    let open = reader.pipes.length;
    for (const pipe of reader.pipes) {
      pipe.stream.on('data', (chunk: Buffer) => {
        take(reader, pipe, chunk, clock);
      });
      // A pipe that breaks ends; the run's end is known from its exit.
      pipe.stream.on('error', () => {});
      pipe.stream.on('close', () => {
        open -= 1;
        if (open === 0) drop(reader);
      });
    }
    const finish = (): void => {
      if (!readers.has(reader)) return;
      reader.drainUntilMs = clock.now() + LIMITS.outputDrainMs;
      resume(reader, clock.now());
      clock.rearm();
    };
    return { bytes: () => reader.bytes, finish };
  };

  return { source: wakeSource(readers, drop, clock), follow };
}

const EMPTY = Buffer.alloc(0);

function createReader(run: FollowedRun, nowMs: number): Reader {
  return {
    run,
    pipes: [
      { stream: run.stdout, tag: 'stdout', partial: EMPTY },
      { stream: run.stderr, tag: 'stderr', partial: EMPTY },
    ],
    bytes: 0,
    windowBytes: 0,
    windowStartedAtMs: nowMs,
    pausedAtMs: null,
    drainUntilMs: null,
  };
}

function wakeSource(readers: Set<Reader>, drop: (reader: Reader) => void, clock: Clock): WakeSource {
  return {
    wakeAtMs: () => earliestOf(Array.from(readers, dueAtMs)),
    woke: () => {
      const nowMs = clock.now();
      for (const reader of readers) {
        if (reader.drainUntilMs !== null && reader.drainUntilMs <= nowMs) drop(reader);
        else if (reader.pausedAtMs !== null && reader.pausedAtMs + LIMITS.outputWindowMs <= nowMs)
          resume(reader, nowMs);
      }
    },
  };
}

/** When a reader is resumed or let go; null: it just reads. */
function dueAtMs({ pausedAtMs, drainUntilMs }: Reader): number | null {
  return pausedAtMs === null ? drainUntilMs : pausedAtMs + LIMITS.outputWindowMs;
}

function take(reader: Reader, pipe: Pipe, chunk: Buffer, clock: Clock): void {
  const nowMs = clock.now();
  if (nowMs - reader.windowStartedAtMs >= LIMITS.outputWindowMs) {
    reader.windowStartedAtMs = nowMs;
    reader.windowBytes = 0;
  }
  reader.bytes += chunk.length;
  reader.windowBytes += chunk.length;
  const lines = splitLines(pipe, chunk);
  if (lines.length > 0) deliver(reader, pipe.tag, lines, clock.wall());
  if (reader.windowBytes < LIMITS.outputBytesPerWindow || reader.pausedAtMs !== null) return;
  reader.pausedAtMs = nowMs;
  for (const { stream } of reader.pipes) stream.pause();
  clock.rearm();
}

/** Takes whole lines off; a line beyond the limit is cut where the limit is. */
function splitLines(pipe: Pipe, chunk: Buffer): Buffer[] {
  const data = pipe.partial.length === 0 ? chunk : Buffer.concat([pipe.partial, chunk]);
  const lines: Buffer[] = [];
  let start = 0;
  while (start < data.length) {
    const newline = data.indexOf(10, start);
    const end = newline === -1 ? data.length : newline;
    if (end - start > LIMITS.logLineMaxBytes) {
      lines.push(data.subarray(start, start + LIMITS.logLineMaxBytes));
      start += LIMITS.logLineMaxBytes;
    } else if (newline === -1) {
      break;
    } else {
      lines.push(data.subarray(start, newline));
      start = newline + 1;
    }
  }
  // A copy: a view would keep the whole chunk alive.
  pipe.partial = start < data.length ? Buffer.from(data.subarray(start)) : EMPTY;
  return lines;
}

function deliver(reader: Reader, tag: LogStream, lines: readonly Buffer[], wallMs: number): void {
  reader.run.file.append(tag, wallMs, lines);
  reader.run.onLines(tag, wallMs, lines);
}

function resume(reader: Reader, nowMs: number): void {
  reader.pausedAtMs = null;
  reader.windowStartedAtMs = nowMs;
  reader.windowBytes = 0;
  for (const { stream } of reader.pipes) stream.resume();
}
