/** `stop`: some jobs, or everything and the supervisor with it. */
import type { Command } from 'commander';
import { isAlive } from '../../client/discover.ts';
import { actOnJobs } from '../actions.ts';
import { sleep, wallMs } from '../clock.ts';
import { type Context, printJson, printLine, type Run, supervisorOf } from '../context.ts';
import { refuseSurvivors, shutDown } from '../shutdown.ts';

/** A daemon that has answered is only closing files. */
const GONE_MS = 5000;
const GONE_LOOK_MS = 20;

const EXAMPLES = `
Each job gets its stop signal and its grace, then SIGKILL to the whole group. Without a job the supervisor ends
too; survivors are named, exit code 1.

Examples:
  supervise stop              all jobs and the supervisor
  supervise stop api db       two jobs; the supervisor goes on
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command
    .argument('[job...]', 'only these; none: all, and the supervisor')
    .addHelpText('after', EXAMPLES)
    .action((jobs: string[]) =>
      run((context) => (jobs.length === 0 ? stopAll(context) : stopJobs(context, jobs))),
    );
}

function stopJobs(context: Context, names: readonly string[]): Promise<number> {
  return actOnJobs(context, names, {
    action: 'stop',
    done: 'stopped',
    idle: (phase) => `was ${phase} already`,
    concerns: () => true,
  });
}

async function stopAll(context: Context): Promise<number> {
  const { name, paths } = await supervisorOf(context);
  const survivors = await shutDown(paths.socket, false);
  await untilGone(paths.socket);
  refuseSurvivors(survivors);
  if (context.json) printJson(context, { stopped: name, survivors });
  else printLine(context, `stopped ${name} and all its jobs`);
  return 0;
}

/** So that a `start` right after it finds the name free. */
async function untilGone(socketPath: string): Promise<void> {
  const deadlineMs = wallMs() + GONE_MS;
  while (wallMs() < deadlineMs && (await isAlive(socketPath))) await sleep(GONE_LOOK_MS);
}
