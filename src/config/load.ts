/**
 * The door of `config`: text of a jobs file in, a checked specification or every mistake out. Only here is the
 * file read and decoded; importing it loads zod, so commands that need no check must not.
 */

import { Buffer, isUtf8 } from 'node:buffer';
import { check } from './check.ts';
import { type Filesystem, realFilesystem } from './filesystem.ts';
import type { ConfigOptions, ConfigResult } from './input.ts';
import { readJobsFile } from './read.ts';

export { type Diagnostic, formatDiagnostic } from './diagnostic.ts';
export type { Filesystem } from './filesystem.ts';
export type { ConfigOptions, ConfigResult } from './input.ts';

/** Reads and checks a jobs file. Never rejects because of what is at the path or in the file. */
export async function loadConfig(file: string, options: ConfigOptions): Promise<ConfigResult> {
  const read = readJobsFile(file);
  if (!read.ok) {
    const message = `expected ${read.expected}, found ${read.found}`;
    const unread = {
      file,
      line: 1,
      column: 1,
      path: '',
      message,
      severity: 'error',
      sourceLine: '',
      length: 1,
    } as const;
    return { ok: false, errors: [unread], warnings: [] };
  }
  const { text, invalidBytesAt } = decode(read.bytes);
  return check({ text, file, options, filesystem: realFilesystem, invalidBytesAt });
}

/** Checks the text of a jobs file; asks about programs and folders only through `filesystem`. */
export function checkConfig(
  text: string,
  file: string,
  options: ConfigOptions,
  filesystem: Filesystem,
): ConfigResult {
  return check({ text: withoutMark(text), file, options, filesystem, invalidBytesAt: [] });
}

/** Decodes what can be decoded, and says where bytes were no UTF-8: at most once a line. */
function decode(bytes: Buffer): { text: string; invalidBytesAt: number[] } {
  const invalidBytesAt: number[] = [];
  const text = withoutMark(bytes.toString('utf8'));
  if (isUtf8(bytes)) return { text, invalidBytesAt };
  let offset = 0;
  for (const line of linesOf(withoutMarkBytes(bytes))) {
    if (!isUtf8(line)) invalidBytesAt.push(offset + firstInvalidAt(line));
    offset += line.toString('utf8').length;
  }
  return { text, invalidBytesAt };
}

/** A replacement character that the decoder put there, not one that the file holds. */
function firstInvalidAt(line: Buffer): number {
  const text = line.toString('utf8');
  let bytes = 0;
  let offset = 0;
  for (const character of text) {
    const written = Buffer.from(character);
    if (!line.subarray(bytes, bytes + written.length).equals(written)) return offset;
    bytes += written.length;
    offset += character.length;
  }
  return offset;
}

function* linesOf(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < bytes.length) {
    const lineFeed = bytes.indexOf(0x0a, start);
    const end = lineFeed === -1 ? bytes.length : lineFeed + 1;
    yield bytes.subarray(start, end);
    start = end;
  }
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function withoutMarkBytes(bytes: Buffer): Buffer {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark ? bytes.subarray(3) : bytes;
}
