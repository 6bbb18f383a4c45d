/**
 * One job's log file: lines stamped `2026-01-31T12:00:00.000Z out text`, rotated by size. Written synchronously,
 * so nothing is ever queued in memory: a job that writes faster than the disk is simply not read. A write that
 * fails (full disk, folder removed) drops the line, counts it and is tried anew with the next one.
 */
import { closeSync, constants, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

export type LogStream = 'stdout' | 'stderr' | 'supervise';

export const STREAM_TAGS: Readonly<Record<LogStream, string>> = {
  stdout: 'out',
  stderr: 'err',
  supervise: 'sup',
};

export interface LogFile {
  /** Appends whole lines; each gets its own stamp and tag. */
  readonly append: (stream: LogStream, wallMs: number, lines: readonly Buffer[]) => void;
  /** Bytes that could not be written. */
  readonly droppedBytes: () => number;
  /** Other bounds from here on. */
  readonly configure: (options: LogOptions) => void;
  readonly close: () => void;
}

export interface LogOptions {
  readonly maxBytes: number;
  /** Files kept, the current one included. */
  readonly files: number;
}

/** O_NOFOLLOW: a planted symlink must not decide where output goes. */
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;

export function openLogFile(path: string, initial: LogOptions): LogFile {
  let options = initial;
  let descriptor: number | null = null;
  let size = 0;
  let dropped = 0;

  const open = (): number => {
    if (descriptor === null) {
      descriptor = openSync(path, APPEND, 0o600);
      size = fstatSync(descriptor).size;
    }
    return descriptor;
  };
  const close = (): void => {
    if (descriptor !== null) closeSync(descriptor);
    descriptor = null;
  };

  const write = (data: Buffer): void => {
    try {
      // The torn line of a short write (full disk) ends with the next one that gets through.
      const written = writeSync(open(), data);
      size += written;
      dropped += data.length - written;
    } catch {
      dropped += data.length;
      close();
    }
  };
  const startAnew = (): void => {
    close();
    try {
      rotate(path, options.files);
      open();
    } catch {
      // The folder is gone or full: the write that follows says so and counts.
    }
  };

  return {
    append: (stream, wallMs, lines) => {
      const head = Buffer.from(`${new Date(wallMs).toISOString()} ${STREAM_TAGS[stream]} `);
      let batch: Buffer[] = [];
      let bytes = 0;
      const flush = (): void => {
        if (batch.length > 0) write(Buffer.concat(batch));
        batch = [];
        bytes = 0;
      };
      for (const line of lines) {
        const length = head.length + line.length + NEWLINE.length;
        // Between lines, so that a file holds whole lines and stays within its size.
        if (size + bytes > 0 && size + bytes + length > options.maxBytes) {
          flush();
          startAnew();
        }
        batch.push(head, line, NEWLINE);
        bytes += length;
      }
      flush();
    },
    droppedBytes: () => dropped,
    configure: (next) => {
      options = next;
    },
    close,
  };
}

const NEWLINE = Buffer.from('\n');

/** job.log → job.log.1 → job.log.2 …, the oldest removed. */
function rotate(path: string, files: number): void {
  rmSync(`${path}.${files - 1}`, { force: true });
  for (let number = files - 2; number >= 1; number -= 1)
    renameIfThere(`${path}.${number}`, `${path}.${number + 1}`);
  if (files > 1) renameIfThere(path, `${path}.1`);
  else rmSync(path, { force: true });
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
