/**
 * Entry of the command line: arguments in, exit code out. It never ends the process, so that what was written
 * gets out. The table of commands and its library are loaded only when `status`, which people put into loops
 * and prompts, is not what was asked for in its simplest form.
 */
import type { EndSignal, Io, Output } from './io.ts';

/** Runs one command line; resolves to its exit code. */
export async function main(args: readonly string[], io: Io = processIo()): Promise<number> {
  const exitCode = await run(args, io);
  const isWritten = await io.flush();
  return exitCode === 0 && !isWritten ? 1 : exitCode;
}

async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    const quick = quickStatus(args);
    if (quick === null) return await (await import('./program.ts')).runProgram(args, io);
    const [{ contextOf }, { showStatus }] = await Promise.all([
      import('./context.ts'),
      import('./commands/status.ts'),
    ]);
    return await showStatus(await contextOf(io, quick), quick.jobs, {});
  } catch (error) {
    const { reportFailure } = await import('./failure.ts');
    return reportFailure(error, args, io);
  }
}

interface QuickStatus {
  readonly jobs: readonly string[];
  readonly json: boolean;
  readonly color: boolean;
}

/** `status [job…] [--json] [--no-color]`; null: anything else. */
function quickStatus(args: readonly string[]): QuickStatus | null {
  const [verb, ...rest] = args;
  if (verb !== 'status' && verb !== 'ps') return null;
  const options = rest.filter((word) => word.startsWith('-'));
  if (!options.every((option) => option === '--json' || option === '--no-color')) return null;
  const jobs = rest.filter((word) => !word.startsWith('-'));
  return { jobs, json: options.includes('--json'), color: !options.includes('--no-color') };
}

const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly EndSignal[];

/** The io of this process. Streams are opened when first used: each costs a short command a millisecond or more. */
function processIo(): Io {
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
