/**
 * Bytes from a child into lines into frames. Never keeps more than one line of the allowed length: a longer
 * one is reported once, its bytes are dropped as they come, and the line after it is read as usual. Knows
 * nothing of jobs, sockets or what a frame means.
 */
import { LIMITS } from '../../core/limits.ts';
import type { Frame } from '../../core/relay/types.ts';
import { FRAME_REFUSALS, type FrameRefusal, parseLine } from './envelope.ts';

export { FRAME_REFUSALS, type FrameRefusal } from './envelope.ts';

export interface FrameParserOptions {
  readonly onFrame: (frame: Frame) => void;
  readonly onRefused: (code: FrameRefusal, message: string) => void;
}

export interface FrameParser {
  /** Takes the next bytes. The parser may keep the chunk, so it must not be written to afterwards. */
  push(chunk: Buffer): void;
  /** Reports nothing more, from the next frame on; what is left of the chunk is kept. */
  pause(): void;
  /** Goes on with what was kept. */
  resume(): void;
  /** True while part of a chunk waits for `resume`. */
  hasKept(): boolean;
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Room for an unfinished line; grows by doubling up to the longest line. */
const UNFINISHED_MIN_BYTES = 4096;

export function createFrameParser(options: FrameParserOptions): FrameParser {
  const lines = createLines(options);
  let rest: Buffer | null = null;
  let paused = false;
  let draining = false;

  function drain(): void {
    // `resume` from within `onFrame`: the loop below is still there and goes on.
    if (draining) return;
    draining = true;
    try {
      while (rest !== null && !paused) {
        const chunk: Buffer = rest;
        const end = chunk.indexOf(NEWLINE);
        rest = end === -1 || end + 1 === chunk.length ? null : chunk.subarray(end + 1);
        if (end === -1) lines.keep(chunk);
        else lines.end(chunk.subarray(0, end));
      }
    } finally {
      draining = false;
    }
  }

  return {
    push(chunk) {
      rest = rest === null ? chunk : Buffer.concat([rest, chunk]);
      drain();
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      drain();
    },
    hasKept: () => rest !== null,
  };
}

/** The unfinished line between two chunks. */
interface Lines {
  /** Bytes without a newline. */
  keep(part: Buffer): void;
  /** The bytes before a newline. */
  end(part: Buffer): void;
}

function createLines(options: FrameParserOptions): Lines {
  // Copied, so that a child that writes single bytes doesn't pin a chunk for each.
  let unfinished = Buffer.alloc(0);
  let bytes = 0;
  /** In a line that was refused for its length: nothing is kept until its end. */
  let skipping = false;

  function keep(part: Buffer): void {
    if (skipping) return;
    // One byte more than a line may have: it could be the carriage return before the newline.
    if (bytes + part.length > LIMITS.frameMaxBytes + 1) {
      skipping = true;
      unfinished = Buffer.alloc(0);
      bytes = 0;
      refuse(options, 'SUPERVISE_FRAME_TOO_LARGE');
      return;
    }
    if (bytes + part.length > unfinished.length) {
      const size = Math.max(UNFINISHED_MIN_BYTES, unfinished.length * 2, bytes + part.length);
      const larger = Buffer.allocUnsafeSlow(size);
      unfinished.copy(larger, 0, 0, bytes);
      unfinished = larger;
    }
    part.copy(unfinished, bytes);
    bytes += part.length;
  }

  function end(part: Buffer): void {
    if (bytes === 0 && !skipping) {
      readLine(part, options);
      return;
    }
    keep(part);
    const line = unfinished.subarray(0, bytes);
    // The next unfinished line gets room of its own: a long one is rare and its room is given back.
    unfinished = Buffer.alloc(0);
    bytes = 0;
    if (skipping) skipping = false;
    else readLine(line, options);
  }

  return { keep, end };
}

/** One line without its newline. */
function readLine(bytes: Buffer, options: FrameParserOptions): void {
  const line = bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
  if (line.length === 0) return;
  const result = parseLine(line);
  if ('kind' in result) options.onFrame(result);
  else refuse(options, result.refused, result.detail);
}

function refuse(options: FrameParserOptions, code: FrameRefusal, detail?: string): void {
  options.onRefused(code, detail === undefined ? FRAME_REFUSALS[code] : `${FRAME_REFUSALS[code]}: ${detail}`);
}
