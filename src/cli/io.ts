/**
 * What a command sees of the outside: two outputs, environment, folder, signals. Everything is handed in, so
 * that tests run `main` in process. Types only: what they stand for in a real process is in main.ts.
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
