/**
 * Reads the bytes of a jobs file. It owns the promise that nothing on disk can hang or flood a command: only
 * regular files, only up to a limit, opened without blocking. It must not know what is in the file.
 */
import { Buffer } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { LIMITS } from '../core/limits.ts';
import { sizeText } from './quantity.ts';

/** The bytes, or what was expected at the path and what was found there. */
export type FileBytes =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly expected: string; readonly found: string };

type Refusal = Extract<FileBytes, { ok: false }>;

/** Reads a regular file of at most `LIMITS.fileMaxBytes`; everything else is refused with its reason. */
export function readJobsFile(file: string): FileBytes {
  let descriptor: number | null = null;
  try {
    // Looking first spares devices the side effects of being opened; looking again below closes the gap.
    const refused = refusal(statSync(file));
    if (refused !== null) return refused;
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    return refusal(fstatSync(descriptor)) ?? readUpToLimit(descriptor);
  } catch (error) {
    return refusalOf(error);
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

function refusal(stats: Stats): Refusal | null {
  if (!stats.isFile()) return { ok: false, expected: 'a regular file', found: kindText(stats) };
  return stats.size > LIMITS.fileMaxBytes ? tooLarge(`${stats.size} bytes`) : null;
}

function tooLarge(found: string): Refusal {
  return { ok: false, expected: `a file of at most ${sizeText(LIMITS.fileMaxBytes)}`, found };
}

function kindText(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

/** Reads to the end rather than to the size of the stat: the file may grow, and in /proc the size is 0. */
function readUpToLimit(descriptor: number): FileBytes {
  const buffer = Buffer.alloc(LIMITS.fileMaxBytes + 1);
  let length = 0;
  while (length < buffer.length) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (count === 0) return { ok: true, bytes: Buffer.from(buffer.subarray(0, length)) };
    length += count;
  }
  return tooLarge('more');
}

function refusalOf(error: unknown): Refusal {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return { ok: false, expected: 'a file', found: 'nothing there' };
  if (code === 'EACCES' || code === 'EPERM') {
    return { ok: false, expected: 'a readable file', found: `one that may not be read (${code})` };
  }
  return { ok: false, expected: 'a readable file', found: `the error ${code}` };
}
