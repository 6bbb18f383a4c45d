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

/** The io of this process. */
export function processIo(): Io {
  const readerGone = new AbortController();
  let failed = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') failed = true;
    readerGone.abort();
  });
  // Nobody is left to tell.
  process.stderr.on('error', () => {});
  return {
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    onSignal,
    readerGone: readerGone.signal,
    flush: async () => {
      await new Promise((resolve) => process.stdout.write('', resolve));
      await new Promise((resolve) => process.stderr.write('', resolve));
      return !failed;
    },
  };
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    get isTerminal() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns ?? null;
    },
    get rows() {
      return stream.rows ?? null;
    },
  };
}

function onSignal(callback: (signal: EndSignal) => void): () => void {
  for (const signal of END_SIGNALS) process.on(signal, callback);
  return () => {
    for (const signal of END_SIGNALS) process.off(signal, callback);
  };
}
