/** `start`: from a file to jobs that have been admitted and first dispatched. */
import type { Command } from 'commander';
import type { Status } from '../../wire/api.ts';
import { SuperviseError } from '../../wire/errors.ts';
import { durationOf } from '../arguments.ts';
import { type Context, printJson, printLine, type Run, supervisorOf, widthOf } from '../context.ts';
import { untilStatus } from '../follow.ts';
import { DEFAULT_FILE, loadFile } from '../jobs-file.ts';
import { type Launched, launchOrApply } from '../launch.ts';
import { renderChanges, renderNextSteps } from '../render/changes.ts';
import { countText, durationText, listText } from '../render/format.ts';
import { renderStatus } from '../render/status.ts';

interface StartOptions {
  readonly wait?: boolean;
  readonly timeout?: string;
}

/** First dispatches take milliseconds; jobs that fail at once again and again must not hold the command up. */
const SETTLE_MS = 3000;

const EXAMPLES = `
Starting a file again applies what differs and leaves the rest alone; what was stopped or has ended stays so
until restarted.

Examples:
  supervise start                           ./jobs.json
  supervise start shop.json --name shop-2   a second supervisor beside the first
  supervise start --wait --timeout 30s      return when all jobs are ready
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command
    .argument('[file]', 'the jobs file', DEFAULT_FILE)
    .option('--wait', 'return when all jobs are ready; exit code 1 when one fails first')
    .option('--timeout <duration>', 'with --wait: give up after this time, exit code 5')
    .addHelpText('after', EXAMPLES)
    .action((file: string, options: StartOptions) => run((context) => start(context, file, options)));
}

async function start(context: Context, file: string, options: StartOptions): Promise<number> {
  const withinMs = options.timeout === undefined ? null : durationOf(options.timeout, '--timeout');
  const { config } = await loadFile(context, file);
  const launched = await launchOrApply(context.io, config);
  const { client, applied } = launched;
  if (applied === null) await untilStatus({ client, isThere: isSettled, withinMs: SETTLE_MS });
  const outcome =
    options.wait === true
      ? await untilStatus({
          client,
          isThere: (status) => isAllReady(status) || failedOf(status).length > 0,
          withinMs,
        })
      : { status: await client.status(), timedOut: false };
  const { status, timedOut } = outcome;
  if (timedOut)
    throw new SuperviseError(
      'SUPERVISE_TIMEOUT',
      `not ready within ${durationText(withinMs)}: ${listText(unreadyOf(status))}`,
      unreadyOf(status),
    );
  const failed = options.wait === true ? failedOf(status) : [];
  if (failed.length > 0 && context.json) throw failure(failed);
  await report(context, launched, status);
  if (failed.length > 0) throw failure(failed);
  return 0;
}

async function report(context: Context, { applied }: Launched, status: Status): Promise<void> {
  const { supervisor, jobs } = status;
  if (context.json) return printJson(context, { started: applied === null, changes: applied, ...status });
  const head =
    applied === null
      ? `started ${supervisor.name} (pid ${supervisor.pid}) with ${countText(jobs.length, 'job')}`
      : renderChanges(supervisor.name, applied);
  printLine(context, head);
  printLine(context, `\n${renderStatus(status, widthOf(context.io), context.colors)}`);
  printLine(context, `\n${renderNextSteps(jobs[0]?.name, await nameOption(context, supervisor.name))}`);
}

/** ` --name NAME` when the short form of the next commands would not find this supervisor. */
async function nameOption(context: Context, name: string): Promise<string> {
  try {
    const found = await supervisorOf({ ...context, name: undefined });
    return found.name === name ? '' : ` --name ${name}`;
  } catch (error) {
    if (error instanceof SuperviseError) return ` --name ${name}`;
    throw error;
  }
}

function isSettled({ supervisor, jobs }: Status): boolean {
  if (jobs.some((job) => job.phase === 'starting')) return false;
  const used = jobs.filter((job) => job.slot !== null).length;
  return used >= supervisor.workers || jobs.every((job) => job.phase !== 'ready');
}

function isAllReady(status: Status): boolean {
  return unreadyOf(status).length === 0;
}

/** Whatever a person has stopped, or what has completed, is not waited for. */
function unreadyOf({ jobs }: Status): string[] {
  return jobs
    .filter((job) => !job.ready && job.phase !== 'completed' && job.phase !== 'stopped')
    .map((job) => job.name);
}

function failedOf({ jobs }: Status): string[] {
  return jobs.filter((job) => job.phase === 'failed' || job.phase === 'quarantined').map((job) => job.name);
}

function failure(failed: readonly string[]): SuperviseError {
  return new SuperviseError(
    'SUPERVISE_JOB_FAILED',
    `failed before all jobs were ready: ${listText(failed)}`,
    failed,
  );
}
