/**
 * What a command sees of the outside: two outputs, environment, folder, signals. Everything is handed in, so
 * that tests run `main` in process. Nothing else in the command line touches `process`.
 */

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Null where nobody knows. */
  readonly columns: number | null;
  readonly rows: number | null;
}

export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Calls back on each signal that asks to end, until the returned function is called. */
  onSignal(callback: (signal: EndSignal) => void): () => void;
  /** Aborted when the reader of stdout has gone. */
  readonly readerGone: AbortSignal;
  /** Resolves when everything is written; false: some of it could not be, for another reason than a lost reader. */
  flush(): Promise<boolean>;
}

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
      return stream().columns ?? null;
    },
    get rows() {
      return stream().rows ?? null;
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
