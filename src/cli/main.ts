/**
 * Entry of the command line: arguments in, exit code out. It never ends the process, so that what was written
 * gets out. The table of commands and its library are loaded only when `status`, which people put into loops
 * and prompts, is not what was asked for in its simplest form.
 */
import { type Io, processIo } from './io.ts';

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
