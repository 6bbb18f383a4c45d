/** `restart`: anew, whatever a job is doing; its restart count is forgiven. */
import type { Command } from 'commander';
import { actOnJobs } from '../actions.ts';
import { durationOf } from '../arguments.ts';
import type { Run } from '../context.ts';

interface RestartOptions {
  readonly wait?: boolean;
  readonly timeout?: string;
}

const EXAMPLES = `
What runs is stopped with its grace first. What has ended, was stopped or is quarantined is started. The restart
count and the backoff start anew.

Examples:
  supervise restart api
  supervise restart --wait --timeout 20s api
  supervise restart                          all jobs
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command
    .argument('[job...]', 'only these; none: all')
    .option('--wait', 'return when they are ready; exit code 1 when one fails first')
    .option('--timeout <duration>', 'give up waiting after this time, exit code 5')
    .addHelpText('after', EXAMPLES)
    .action((jobs: string[], options: RestartOptions) =>
      run((context) => {
        const timeoutMs = options.timeout === undefined ? null : durationOf(options.timeout, '--timeout');
        return actOnJobs(context, jobs, {
          action: 'restart',
          request: { untilReady: options.wait === true, ...(timeoutMs === null ? {} : { timeoutMs }) },
          done: options.wait === true ? 'restarted and ready' : 'restarted',
          idle: (phase) => `nothing to do, it is ${phase}`,
          concerns: () => true,
        });
      }),
    );
}
