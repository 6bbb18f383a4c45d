/** What a command sees of the outside, in a real process. */
import type { EndSignal, Io, Output } from './io.ts';

const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly EndSignal[];

/** The io of this process. Streams are opened when first used: each costs a short command a millisecond or more. */
export function processIo(): Io {
  let readerGone: AbortController | null = null;
  let isReaderGone = false;
  let failed = false;
  const stdout = outputOf(
    () => process.stdout,
    (error) => {
      if (error.code !== 'EPIPE') failed = true;
      isReaderGone = true;
      readerGone?.abort();
    },
  );
  // Nobody is left to tell when stderr fails.
  const stderr = outputOf(
    () => process.stderr,
    () => {},
  );
  return {
    stdout,
    stderr,
    env: process.env,
    cwd: process.cwd(),
    onSignal,
    get readerGone() {
      readerGone ??= new AbortController();
      if (isReaderGone) readerGone.abort();
      return readerGone.signal;
    },
    flush: async () => {
      await stdout.flush();
      await stderr.flush();
      return !failed;
    },
  };
}

interface ProcessOutput extends Output {
  flush(): Promise<void>;
}

function outputOf(
  open: () => NodeJS.WriteStream,
  onError: (error: NodeJS.ErrnoException) => void,
): ProcessOutput {
  let opened: NodeJS.WriteStream | null = null;
  const stream = () => {
    if (opened === null) {
      opened = open();
      opened.on('error', onError);
    }
    return opened;
  };
  return {
    write: (text) => void stream().write(text),
    get isTerminal() {
      return stream().isTTY === true;
    },
    get columns() {
      // A terminal that does not know says 0.
      return stream().columns || null;
    },
    get rows() {
      return stream().rows || null;
    },
    flush: async () => {
      if (opened !== null) await new Promise((resolve) => stream().write('', resolve));
    },
  };
}

function onSignal(callback: (signal: EndSignal) => void): () => void {
  for (const signal of END_SIGNALS) process.on(signal, callback);
  return () => {
    for (const signal of END_SIGNALS) process.off(signal, callback);
  };
}
