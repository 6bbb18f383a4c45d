/** `logs`: what jobs have written, several merged in the order of time. */
import { setMaxListeners } from 'node:events';
import type { Command } from 'commander';
import type { LogQuery, StreamGap, SuperviseClient } from '../../client/client.ts';
import { LIMITS } from '../../core/limits.ts';
import type { LogLine } from '../../wire/api.ts';
import { countOf, instantOf } from '../arguments.ts';
import { type Context, clientOf, printLine, type Run } from '../context.ts';
import { selectJobs } from '../jobs.ts';
import { followByTime, mergeByTime } from '../merge.ts';
import { namePainter, renderLogGap, renderLogLine } from '../render/logs.ts';

interface LogsOptions {
  readonly follow?: boolean;
  readonly lines?: string;
  readonly since?: string;
  readonly stderr?: boolean;
  readonly raw?: boolean;
}

/** A line or a gap of a known job, with the instant it is sorted by. */
interface Entry {
  readonly job: string;
  readonly at: number;
  readonly item: LogLine | StreamGap;
}

/** Like tail: enough to see what a job is at. */
const FOLLOW_LINES = 10;

const EXAMPLES = `
Without -n all that is kept is printed, at most ${LIMITS.logTailMaxLines} lines a job;
with -f the last ${FOLLOW_LINES} of each job. Control characters are shown as text such as \\x1b; --raw
prints the bytes as they came.

Examples:
  supervise logs api
  supervise logs -f                  all jobs, each line with the name of its job
  supervise logs -n 50 --stderr api
  supervise logs --since 5m api db
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command
    .argument('[job...]', 'only these')
    .option('-f, --follow', 'go on with new lines')
    .option('-n, --lines <count>', 'the last so many of each job')
    .option('--since <when>', 'not before: a duration ago such as 5m, or an ISO time')
    .option('--stderr', 'only what was written to stderr')
    .option('--raw', 'print the bytes as they came')
    .addHelpText('after', EXAMPLES)
    .action((jobs: string[], options: LogsOptions) => run((context) => logs(context, jobs, options)));
}

async function logs(context: Context, names: readonly string[], options: LogsOptions): Promise<number> {
  const query = queryOf(context, options);
  // Each job's stream listens to it: many listeners are no leak here.
  setMaxListeners(0, context.io.readerGone);
  const client = await clientOf(context);
  const { jobs } = await client.status();
  const selected = (await selectJobs(jobs, names)).map((job) => job.name);
  const print = printerOf(context, selected, options);
  const entries = selected.map((job) => entriesOf(client, job, query));
  if (options.follow === true) {
    await followByTime(entries, (items) => items.forEach(print));
  } else {
    for await (const entry of mergeByTime(entries)) {
      if (context.io.readerGone.aborted) break;
      print(entry);
    }
  }
  return 0;
}

function queryOf(context: Context, options: LogsOptions): LogQuery {
  const { follow = false, lines, since, stderr = false } = options;
  const isTail = follow && lines === undefined && since === undefined;
  const all = lines === undefined || lines === 'all' ? LIMITS.logTailMaxLines : countOf(lines, '--lines');
  return {
    follow,
    lines: isTail ? FOLLOW_LINES : all,
    ...(since === undefined ? {} : { since: instantOf(since, '--since') }),
    ...(stderr ? { stream: 'stderr' } : {}),
    signal: context.io.readerGone,
  };
}

/** A gap is sorted to the line before it. */
async function* entriesOf(client: SuperviseClient, job: string, query: LogQuery): AsyncGenerator<Entry> {
  let at = 0;
  for await (const item of client.logs(job, query)) {
    if (!('gap' in item)) at = item.at;
    yield { job, at, item };
  }
}

function printerOf(
  context: Context,
  selected: readonly string[],
  options: LogsOptions,
): (entry: Entry) => void {
  const { colors } = context;
  const painter = selected.length > 1 ? namePainter(selected, colors) : null;
  return ({ job, item }) => {
    if (context.json) printLine(context, JSON.stringify('gap' in item ? { job, ...item } : item));
    else if ('gap' in item) printLine(context, renderLogGap(job, item.gap, painter, colors));
    else if (options.raw === true)
      printLine(context, painter === null ? item.text : `${painter(job)} ${item.text}`);
    else printLine(context, renderLogLine(item, painter, colors));
  };
}
