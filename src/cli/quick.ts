/**
 * `status` in its simplest form, which people put into loops and prompts: without the table of commands and its
 * library. The build bundles this file with all it needs into one (`quick.cjs`), because loading its modules one
 * by one takes as long as starting Node. The bundle has classes of its own, so nothing it throws may leave it.
 */
import { showStatus } from './commands/status.ts';
import { contextOf } from './context.ts';
import { reportFailure } from './failure.ts';
import type { Io } from './io.ts';
import { processIo } from './process-io.ts';

/** Entry of the bundle: the exit code, or null when the command line is for `main`. */
export async function quickMain(args: readonly string[]): Promise<number | null> {
  if (quickStatus(args) === null) return null;
  const io = processIo();
  const exitCode = await runQuick(args, io).catch((error: unknown) => reportFailure(error, args, io));
  const isWritten = await io.flush();
  return exitCode === 0 && !isWritten ? 1 : exitCode;
}

/** Runs it if that is what was asked for, else null. */
export async function runQuick(args: readonly string[], io: Io): Promise<number | null> {
  const quick = quickStatus(args);
  if (quick === null) return null;
  return await showStatus(await contextOf(io, quick), quick.jobs, {});
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
