/**
 * Entry of the command line: arguments in, exit code out. It never ends the process, so that what was written
 * gets out.
 */
import type { Io } from './io.ts';
import { processIo } from './process-io.ts';
import { runQuick } from './quick.ts';

/** Runs one command line; resolves to its exit code. */
export async function main(args: readonly string[], io: Io = processIo()): Promise<number> {
  const exitCode = await run(args, io);
  const isWritten = await io.flush();
  return exitCode === 0 && !isWritten ? 1 : exitCode;
}

async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    return (await runQuick(args, io)) ?? (await (await import('./program.ts')).runProgram(args, io));
  } catch (error) {
    const { reportFailure } = await import('./failure.ts');
    return reportFailure(error, args, io);
  }
}
