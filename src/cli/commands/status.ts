/** `status`: the table once, or redrawn until the person leaves. */
import type { Command } from 'commander';
import { request } from '../../client/request.ts';
import type { Status } from '../../wire/api.ts';
import { type Context, printJson, printLine, type Run, supervisorOf, widthOf } from '../context.ts';

interface StatusOptions {
  readonly watch?: boolean;
}

const EXAMPLES = `
CPU is of one core. MEMORY is what the whole process group holds, after the slash its limit. SLICES counts how
often the job was given a slot, TIME how long it computed. A dash is a number nobody knows.

Examples:
  supervise status
  supervise status api db --json
  supervise status --watch
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command
    .argument('[job...]', 'only these')
    .option('-w, --watch', 'redraw twice a second until Ctrl-C')
    .addHelpText('after', EXAMPLES)
    .action((jobs: string[], options: StatusOptions) => run((context) => showStatus(context, jobs, options)));
}

/** A suspended daemon is told from a slow one after this time. */
const SILENCE_MS = 10_000;

/** Prints the status of all jobs or of those named. */
export async function showStatus(
  context: Context,
  names: readonly string[],
  options: StatusOptions,
): Promise<number> {
  const { socket } = (await supervisorOf(context)).paths;
  if (options.watch === true) {
    const { watchStatus } = await import('../watch.ts');
    return watchStatus(context, () => statusOf(socket, names));
  }
  // Loaded while the daemon answers.
  const rendering = context.json ? null : import('../render/status.ts');
  const status = await statusOf(socket, names);
  if (rendering === null) printJson(context, status);
  else printLine(context, (await rendering).renderStatus(status, widthOf(context.io), context.colors));
  return 0;
}

/** Not through the client: this one command has to be quick, and every file costs it. */
async function statusOf(socket: string, names: readonly string[]): Promise<Status> {
  const status = (await request(socket, 'GET', 'status', undefined, { silenceMs: SILENCE_MS })) as Status;
  if (names.length === 0) return status;
  const { selectJobs } = await import('../jobs.ts');
  return { ...status, jobs: await selectJobs(status.jobs, names) };
}
