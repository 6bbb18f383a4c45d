/** `events`: what has happened and why, one line each. */
import type { Command } from 'commander';
import { isDurable, jobOf } from '../../core/event.ts';
import type { EventRecord } from '../../wire/api.ts';
import { instantOf } from '../arguments.ts';
import { type Context, clientOf, printLine, type Run } from '../context.ts';
import { selectJobs } from '../jobs.ts';
import { renderEvent } from '../render/events.ts';
import { countText } from '../render/format.ts';

interface EventsOptions {
  readonly follow?: boolean;
  readonly since?: string;
  readonly all?: boolean;
}

const EXAMPLES = `
Samples, sweeps, heartbeats and progress are left out unless --all or --json is given.

Examples:
  supervise events
  supervise events -f api            what happens to api from now on
  supervise events --since 1m --json
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command
    .argument('[job...]', 'only about these')
    .option('-f, --follow', 'go on with new ones')
    .option('--since <when>', 'not before: a duration ago such as 5m, or an ISO time')
    .option('-a, --all', 'samples, sweeps, heartbeats and progress too')
    .addHelpText('after', EXAMPLES)
    .action((jobs: string[], options: EventsOptions) => run((context) => events(context, jobs, options)));
}

async function events(context: Context, names: readonly string[], options: EventsOptions): Promise<number> {
  const since = options.since === undefined ? null : instantOf(options.since, '--since');
  const client = await clientOf(context);
  const jobs =
    names.length === 0 ? [] : (await selectJobs((await client.status()).jobs, names)).map((job) => job.name);
  const query = {
    follow: options.follow === true,
    ...(since === null ? {} : { since }),
    ...(jobs.length === 0 ? {} : { jobs }),
    signal: context.io.readerGone,
  };
  for await (const event of client.events(query)) {
    if ('gap' in event) printGap(context, event.gap);
    else if (isWanted(event, jobs, since) && (context.json || options.all === true || isDurable(event)))
      print(context, event);
  }
  return 0;
}

/** The daemon selects too; this holds for the history of one that selects less. */
function isWanted(event: EventRecord, jobs: readonly string[], since: number | null): boolean {
  if (since !== null && event.wall < since) return false;
  const job = jobOf(event);
  return jobs.length === 0 || (job !== null && jobs.includes(job));
}

function print(context: Context, event: EventRecord): void {
  printLine(context, context.json ? JSON.stringify(event) : renderEvent(event, context.colors));
}

function printGap(context: Context, gap: number): void {
  const text = `(supervise: ${countText(gap, 'event')} missing here)`;
  printLine(context, context.json ? JSON.stringify({ gap }) : context.colors.dim(text));
}
