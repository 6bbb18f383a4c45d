/**
 * The daemon's end of one run's fd 3: an ordinary stream that it can stop reading, which Node's own channel
 * between processes can't. Owns the stream's events, so that nothing a child does to its end (closing it,
 * dying, sending rubbish) becomes an exception here. Must not know of jobs, mailboxes or what a frame means.
 */
import type { Duplex } from 'node:stream';
import type { Frame } from '../../core/relay/types.ts';
import { createFrameParser, type FrameRefusal } from './frames.ts';

export interface ChannelOptions {
  /** Handed over: nobody else may read from it, write to it or listen to it. */
  readonly socket: Duplex;
  readonly onFrame: (frame: Frame) => void;
  readonly onRefused: (code: FrameRefusal, message: string) => void;
  /** The kernel took the bytes of one or more writes. Never called from within `write`. */
  readonly onBytesWritten: (bytes: number) => void;
  /** Once, when nothing more will be read or written. `error` null: an orderly end. */
  readonly onClosed: (error: Error | null) => void;
}

export interface RunChannel {
  /** Writes to a channel that can't take them are dropped; `onClosed` has said so, or will. */
  write(data: string): void;
  /** No frame is reported after this returns, until `resume`. May be called from `onFrame`. */
  pause(): void;
  /** Frames come again from the next turn on, never from within this call. */
  resume(): void;
  /** Gives up what the kernel does not take at once. A second time does nothing. */
  close(): void;
}

/** Begins to read at once. */
export function openChannel(options: ChannelOptions): RunChannel {
  const { socket } = options;
  const parser = createFrameParser({ onFrame: options.onFrame, onRefused: options.onRefused });
  const writer = createWriter(options);
  let state: 'reading' | 'paused' | 'closed' = 'reading';
  let stream: 'open' | 'gone' | 'reported' = 'open';
  let failure: Error | null = null;

  /** What a child wrote before it died is still read, a paused one's after its `resume`. */
  function reportEnd(): void {
    if (stream !== 'gone' || (state !== 'closed' && parser.hasKept())) return;
    stream = 'reported';
    state = 'closed';
    options.onClosed(failure ?? writer.failure());
  }

  // ECONNRESET is how a child's death can look from here; 'close' follows.
  socket.on('error', (error: Error) => {
    failure ??= error;
  });
  // A child that closes its side alone has no other way to read from us either: fd 3 is one descriptor.
  socket.on('end', () => socket.end());
  socket.on('close', () => {
    stream = 'gone';
    reportEnd();
  });
  socket.on('data', (chunk: Buffer) => parser.push(chunk));

  return {
    write: writer.write,
    pause() {
      if (state !== 'reading') return;
      state = 'paused';
      parser.pause();
      socket.pause();
    },
    resume() {
      if (state !== 'paused') return;
      state = 'reading';
      socket.resume();
      // Whoever resumes may be in the middle of performing effects: a frame now would overtake them.
      process.nextTick(() => {
        if (state === 'reading') parser.resume();
        reportEnd();
      });
    },
    close() {
      if (state === 'closed') return;
      state = 'closed';
      parser.pause();
      writer.flush();
      socket.destroy();
      process.nextTick(reportEnd);
    },
  };
}

interface Writer {
  write(data: string): void;
  /** Hands over what this turn wrote. */
  flush(): void;
  /** Why nothing can be written any more; null: it can, or the end was orderly. */
  failure(): Error | null;
}

/** Gathers what one turn of the event loop writes: a burst of lines is one call to the kernel. */
function createWriter({ socket, onBytesWritten }: ChannelOptions): Writer {
  let outgoing = '';
  let failure: Error | null = null;
  surviveWriteErrors(socket, (error) => {
    failure ??= error;
  });

  function flush(): void {
    const data = outgoing;
    outgoing = '';
    if (data === '' || failure !== null || !socket.writable) return;
    const bytes = Buffer.byteLength(data);
    socket.write(data, 'utf8', (error) => {
      if ((error === null || error === undefined) && failure === null) onBytesWritten(bytes);
    });
  }

  return {
    write(data) {
      if (outgoing === '') process.nextTick(flush);
      outgoing += data;
    },
    flush,
    failure: () => failure,
  };
}

/**
 * A stream destroys itself when a write fails, and with it what the child sent before it died and we have not
 * read yet. So the stream is not told: it goes on being read to its end, and nothing more is written.
 */
function surviveWriteErrors(socket: Duplex, onError: (error: Error) => void): void {
  type Done = (error?: Error | null) => void;
  const swallow =
    (done: Done): Done =>
    (error) => {
      if (error !== null && error !== undefined) onError(error);
      done();
    };
  const write = socket._write.bind(socket);
  socket._write = (chunk, encoding, done) => write(chunk, encoding, swallow(done));
  const writeMany = socket._writev?.bind(socket);
  if (writeMany !== undefined) socket._writev = (chunks, done) => writeMany(chunks, swallow(done));
}
