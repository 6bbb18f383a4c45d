import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Frame } from '../../src/core/relay/types.ts';
import { openChannel, type RunChannel } from '../../src/daemon/os/channel.ts';

let folder: string;
let server: Server;
/** The daemon's end, as a child's stdio has it: it ends when the other side does. */
let own: Socket;
/** The child's end. */
let child: Socket;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'supervise-channel-'));
  const path = join(folder, 'socket');
  server = createServer({ pauseOnConnect: true });
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  child = connect({ path, allowHalfOpen: true });
  child.on('error', () => {});
  await new Promise<void>((resolve) => child.once('connect', () => resolve()));
  own = await accepted;
});

afterEach(async () => {
  child.destroy();
  own.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  rmSync(folder, { recursive: true });
});

interface Ear {
  readonly frames: Frame[];
  readonly refused: string[];
  readonly closed: (Error | null)[];
  written: number;
  onFrame: (frame: Frame) => void;
  channel: RunChannel;
  /** Resolves when the condition holds after something was reported. */
  until: (condition: () => boolean) => Promise<void>;
}

function open(): Ear {
  const waiting: { readonly condition: () => boolean; readonly resolve: () => void }[] = [];
  const check = (): void => {
    for (const { condition, resolve } of waiting) if (condition()) resolve();
  };
  const ear: Ear = {
    frames: [],
    refused: [],
    closed: [],
    written: 0,
    onFrame: () => {},
    until: (condition) =>
      new Promise((resolve) => {
        waiting.push({ condition, resolve });
        check();
      }),
    channel: openChannel({
      socket: own,
      onFrame: (frame) => {
        ear.frames.push(frame);
        ear.onFrame(frame);
        check();
      },
      onRefused: (code) => {
        ear.refused.push(code);
        check();
      },
      onBytesWritten: (bytes) => {
        ear.written += bytes;
        check();
      },
      onClosed: (error) => {
        ear.closed.push(error);
        check();
      },
    }),
  };
  own.resume();
  return ear;
}

/** What the child reads until `bytes` have come. */
function readByChild(bytes: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    child.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (Buffer.byteLength(text) >= bytes) resolve(text);
    });
  });
}

function progress(value: number): string {
  return `{"type":"progress","value":${value}}\n`;
}

function values(frames: readonly Frame[]): number[] {
  return frames.map((frame) => (frame.kind === 'progress' ? frame.value : Number.NaN));
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

describe('reading', () => {
  it('reports frames and refusals in order', async () => {
    const ear = open();
    child.write(`${progress(0)}rubbish\n${progress(1)}`);
    await ear.until(() => ear.frames.length === 2);
    expect(values(ear.frames)).toEqual([0, 1]);
    expect(ear.refused).toEqual(['SUPERVISE_FRAME_NOT_JSON']);
  });

  it('stops at once when paused inside a frame, and never reports from within resume', async () => {
    const ear = open();
    ear.onFrame = () => ear.channel.pause();
    child.write(numbers(50).map(progress).join(''));
    for (const count of numbers(50)) {
      await ear.until(() => ear.frames.length === count + 1);
      // Whatever else was going to happen in this turn has happened.
      await new Promise((resolve) => setImmediate(resolve));
      expect(ear.frames).toHaveLength(count + 1);
      ear.channel.resume();
      expect(ear.frames).toHaveLength(count + 1);
    }
    expect(values(ear.frames)).toEqual(numbers(50));
  });

  it('a paused channel holds the child back, and the rest comes in order after resume', async () => {
    const ear = open();
    ear.onFrame = () => ear.channel.pause();
    const count = 200_000;
    let taken = false;
    child.write(numbers(count).map(progress).join(''), () => {
      taken = true;
    });
    await ear.until(() => ear.frames.length === 1);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(ear.frames).toHaveLength(1);
    expect(taken).toBe(false);
    expect(own.bytesRead).toBeLessThan(512 * 1024);
    ear.onFrame = () => {};
    ear.channel.resume();
    await ear.until(() => ear.frames.length === count);
    expect(values(ear.frames)).toEqual(numbers(count));
  });

  it('pausing and resuming by turns loses nothing', async () => {
    const ear = open();
    const count = 20_000;
    ear.onFrame = () => {
      if (ear.frames.length % 7 !== 0) return;
      ear.channel.pause();
      if (ear.frames.length % 14 === 0) ear.channel.resume();
      else setImmediate(() => ear.channel.resume());
    };
    child.end(numbers(count).map(progress).join(''));
    await ear.until(() => ear.closed.length === 1);
    expect(values(ear.frames)).toEqual(numbers(count));
  });
});

describe('writing', () => {
  it('reports what the kernel took, never from within write', async () => {
    const ear = open();
    const lines = numbers(100).map((value) => `{"text":"é${value}"}\n`);
    const bytes = Buffer.byteLength(lines.join(''));
    const arrived = readByChild(bytes);
    for (const line of lines) ear.channel.write(line);
    expect(ear.written).toBe(0);
    expect(await arrived).toBe(lines.join(''));
    await ear.until(() => ear.written === bytes);
  });

  it('what a child does not read is not reported as written', async () => {
    const ear = open();
    const megabyte = `${'x'.repeat(1024 * 1024 - 1)}\n`;
    ear.channel.write('a\n');
    await ear.until(() => ear.written === 2);
    ear.channel.write(megabyte);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(ear.written).toBe(2);
    const arrived = readByChild(megabyte.length + 2);
    await ear.until(() => ear.written === megabyte.length + 2);
    await arrived;
  });
});

describe('the end', () => {
  it('of the child is reported once, after its last frame', async () => {
    const ear = open();
    child.end(progress(7));
    await ear.until(() => ear.closed.length === 1);
    expect(values(ear.frames)).toEqual([7]);
    expect(ear.closed).toEqual([null]);
    ear.channel.write('x\n');
    ear.channel.pause();
    ear.channel.resume();
    ear.channel.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(ear.closed).toEqual([null]);
  });

  it('of a child that is written to loses nothing it had sent', async () => {
    const ear = open();
    const count = 4000;
    // Every frame is answered, as receipts are, into a socket whose other end is already gone.
    ear.onFrame = () => ear.channel.write('{"type":"receipt"}\n');
    ear.channel.pause();
    child.write(numbers(count).map(progress).join(''), () => child.destroy());
    await new Promise<void>((resolve) => child.once('close', () => resolve()));
    ear.channel.write('{"type":"early"}\n');
    await new Promise((resolve) => setImmediate(resolve));
    ear.channel.resume();
    await ear.until(() => ear.closed.length === 1);
    expect(values(ear.frames)).toEqual(numbers(count));
    expect(ear.written).toBe(0);
    expect((ear.closed[0] as NodeJS.ErrnoException).code).toBe('EPIPE');
  });

  it('is reported to a paused channel only after the rest was read', async () => {
    const ear = open();
    ear.onFrame = () => ear.channel.pause();
    child.end(progress(0) + progress(1));
    await ear.until(() => ear.frames.length === 1);
    await new Promise<void>((resolve) => own.once('close', () => resolve()));
    expect(ear.closed).toEqual([]);
    ear.channel.resume();
    await ear.until(() => ear.frames.length === 2);
    ear.channel.resume();
    await ear.until(() => ear.closed.length === 1);
  });

  it('comes for a paused channel when it is closed', async () => {
    const ear = open();
    ear.onFrame = () => ear.channel.pause();
    child.end(progress(0) + progress(1));
    await ear.until(() => ear.frames.length === 1);
    await new Promise<void>((resolve) => own.once('close', () => resolve()));
    ear.channel.close();
    await ear.until(() => ear.closed.length === 1);
    expect(ear.frames).toHaveLength(1);
  });

  it('by close: what was just written still goes out, nothing more is reported', async () => {
    const ear = open();
    const arrived = readByChild(11);
    child.write(progress(0));
    ear.channel.write('{"why":1}\n');
    ear.channel.write('\n');
    ear.channel.close();
    expect(await arrived).toBe('{"why":1}\n\n');
    await ear.until(() => ear.closed.length === 1);
    expect(ear.frames).toEqual([]);
    expect(ear.closed).toEqual([null]);
  });

  it('by an error of the stream is reported, not thrown', async () => {
    const ear = open();
    own.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    await ear.until(() => ear.closed.length === 1);
    expect(ear.closed[0]?.message).toBe('reset');
  });

  it('by a half close is an end: one descriptor has no other half', async () => {
    const ear = open();
    child.resume();
    child.end();
    await ear.until(() => ear.closed.length === 1);
    expect(ear.closed).toEqual([null]);
  });
});

it('works on any duplex stream', async () => {
  const stream = new PassThrough();
  const frames: Frame[] = [];
  const closed = new Promise<void>((resolve) => {
    const channel = openChannel({
      socket: stream,
      onFrame: (frame) => {
        frames.push(frame);
        channel.close();
      },
      onRefused: () => {},
      onBytesWritten: () => {},
      onClosed: () => resolve(),
    });
    channel.write(progress(1));
  });
  await closed;
  expect(values(frames)).toEqual([1]);
});
