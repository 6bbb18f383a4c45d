/** `stop`: some jobs, or everything and the supervisor with it. */
import type { Command } from 'commander';
import { connect } from '../../client/client.ts';
import { isAlive } from '../../client/discover.ts';
import type { ShutdownResult } from '../../wire/api.ts';
import { SuperviseError } from '../../wire/errors.ts';
import { actOnJobs } from '../actions.ts';
import { sleep, wallMs } from '../clock.ts';
import { type Context, printJson, printLine, type Run, supervisorOf } from '../context.ts';

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
  const { survivors } = await shutdown(paths.socket);
  await untilGone(paths.socket);
  if (survivors.length > 0) {
    const named = survivors.map(({ job, pid }) => `${job} (pid ${pid})`).join(', ');
    throw new SuperviseError(
      'SUPERVISE_SURVIVORS',
      `these processes could not be ended: ${named}`,
      survivors,
    );
  }
  if (context.json) printJson(context, { stopped: name, survivors });
  else printLine(context, `stopped ${name} and all its jobs`);
  return 0;
}

/** A daemon that closes the connection and is gone has ended, whoever asked first. */
async function shutdown(socketPath: string): Promise<ShutdownResult> {
  try {
    return await connect(socketPath).shutdown();
  } catch (error) {
    const isGone =
      error instanceof SuperviseError && error.code === 'SUPERVISE_NO_DAEMON' && !(await isAlive(socketPath));
    if (isGone) return { survivors: [] };
    throw error;
  }
}

/** So that a `start` right after it finds the name free. */
async function untilGone(socketPath: string): Promise<void> {
  const deadlineMs = wallMs() + GONE_MS;
  while (wallMs() < deadlineMs && (await isAlive(socketPath))) await sleep(GONE_LOOK_MS);
}
