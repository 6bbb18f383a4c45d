/** Reads log files back: the last lines, or all since an instant, through the rotated files. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { LIMITS } from '../../core/limits.ts';
import type { LogLine } from '../../wire/api.ts';
import { type LogStream, STREAM_TAGS } from '../os/log-file.ts';

export interface TailQuery {
  readonly lines: number;
  readonly sinceWall: number | null;
  readonly streams: ReadonlySet<LogStream> | null;
}

const CHUNK_BYTES = 64 * 1024;
/** Rotated files are looked for up to this number. */
const ROTATED_MAX = 1000;

/** The lines that `query` asks for, oldest first. */
export function readLog(path: string, job: string, query: TailQuery): LogLine[] {
  const newestFirst: LogLine[] = [];
  let keptBytes = 0;
  let readBytes = 0;
  if (query.lines === 0) return newestFirst;
  for (let number = 0; number <= ROTATED_MAX; number += 1) {
    const outcome = readBackwards(number === 0 ? path : `${path}.${number}`, (text) => {
      readBytes += text.length;
      if (readBytes > LIMITS.logTailReadBytes) return false;
      const line = parseLine(text, job);
      if (line === null || (query.streams !== null && !query.streams.has(line.stream))) return true;
      if (query.sinceWall !== null && line.at < query.sinceWall) return false;
      newestFirst.push(line);
      keptBytes += text.length;
      return newestFirst.length < query.lines && keptBytes < LIMITS.logTailMaxBytes;
    });
    if (outcome !== 'all') break;
  }
  return newestFirst.reverse();
}

/** Gives lines from the last to the first until `take` says enough. */
function readBackwards(path: string, take: (line: string) => boolean): 'all' | 'enough' | 'missing' {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return 'missing';
  }
  try {
    let position = fstatSync(descriptor).size;
    let rest: Buffer = Buffer.alloc(0);
    while (position > 0) {
      const length = Math.min(CHUNK_BYTES, position);
      position -= length;
      const chunk = Buffer.alloc(length);
      readSync(descriptor, chunk, 0, length, position);
      const lines = splitAtNewlines(Buffer.concat([chunk, rest]));
      rest = position > 0 ? (lines.shift() ?? Buffer.alloc(0)) : Buffer.alloc(0);
      for (const line of lines.reverse())
        if (line.length > 0 && !take(line.toString('utf8'))) return 'enough';
    }
    return 'all';
  } finally {
    closeSync(descriptor);
  }
}

function splitAtNewlines(data: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = data.indexOf(10); end !== -1; end = data.indexOf(10, start)) {
    lines.push(data.subarray(start, end));
    start = end + 1;
  }
  lines.push(data.subarray(start));
  return lines;
}

const STREAMS = new Map(Object.entries(STREAM_TAGS).map(([stream, tag]) => [tag, stream as LogStream]));

/** Null: not a whole line of ours (torn by a full disk or a crash). */
function parseLine(text: string, job: string): LogLine | null {
  const at = Date.parse(text.slice(0, 24));
  const stream = STREAMS.get(text.slice(25, 28));
  return Number.isNaN(at) || stream === undefined ? null : { job, at, stream, text: text.slice(29) };
}
