/** `status`: the table once, or redrawn until the person leaves. */
import type { Command } from 'commander';
import type { SuperviseClient } from '../../client/client.ts';
import type { Status } from '../../wire/api.ts';
import { type Context, clientOf, printJson, printLine, type Run, widthOf } from '../context.ts';
import { renderStatus } from '../render/status.ts';

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

/** Prints the status of all jobs or of those named. */
export async function showStatus(
  context: Context,
  names: readonly string[],
  options: StatusOptions,
): Promise<number> {
  const client = await clientOf(context);
  if (options.watch === true) {
    const { watchStatus } = await import('../watch.ts');
    return watchStatus(context, () => statusOf(client, names));
  }
  const status = await statusOf(client, names);
  if (context.json) printJson(context, status);
  else printLine(context, renderStatus(status, widthOf(context.io), context.colors));
  return 0;
}

async function statusOf(client: SuperviseClient, names: readonly string[]): Promise<Status> {
  const status = await client.status();
  if (names.length === 0) return status;
  const { selectJobs } = await import('../jobs.ts');
  return { ...status, jobs: await selectJobs(status.jobs, names) };
}
