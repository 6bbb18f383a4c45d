/** Runs `main` in process with outputs that are kept. */

import type { EndSignal, Io, Output } from '../../../src/cli/io.ts';
import { main } from '../../../src/cli/main.ts';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly isTerminal?: boolean;
  readonly columns?: number;
  /** Called after each write to stdout, to act in the middle of a command. */
  readonly onWrite?: (text: string, hands: Hands) => void;
}

/** What a test can do to a running command. */
export interface Hands {
  signal(signal: EndSignal): void;
  /** As when `head` has seen enough. */
  leave(): void;
}

export async function runCli(args: readonly string[], surroundings: Surroundings): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  const callbacks = new Set<(signal: EndSignal) => void>();
  const readerGone = new AbortController();
  const hands: Hands = {
    signal: (signal) => {
      for (const callback of callbacks) callback(signal);
    },
    leave: () => readerGone.abort(),
  };
  const outputOf = (write: (text: string) => void): Output => ({
    write,
    isTerminal: surroundings.isTerminal === true,
    columns: surroundings.columns ?? null,
    rows: surroundings.isTerminal === true ? 24 : null,
  });
  const io: Io = {
    stdout: outputOf((text) => {
      stdout += text;
      surroundings.onWrite?.(stdout, hands);
    }),
    stderr: outputOf((text) => {
      stderr += text;
    }),
    env: surroundings.env,
    cwd: surroundings.cwd ?? '/',
    onSignal: (callback) => {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
    readerGone: readerGone.signal,
    flush: async () => true,
  };
  const exitCode = await main(args, io);
  return { exitCode, stdout, stderr };
}
