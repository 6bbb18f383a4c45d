/** `suspend`: out of the ready queue until a person resumes it. */
import type { Command } from 'commander';
import { actOnJobs } from '../actions.ts';
import type { Run } from '../context.ts';

const EXAMPLES = `
The whole process group gets SIGSTOP. The job keeps its memory, but no slot, until \`supervise resume\`.

Examples:
  supervise suspend compress
  supervise suspend                  every job that has a process
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command
    .argument('[job...]', 'only these; none: all that have a process')
    .addHelpText('after', EXAMPLES)
    .action((jobs: string[]) =>
      run((context) =>
        actOnJobs(context, jobs, {
          action: 'suspend',
          done: 'suspended',
          idle: () => 'was suspended already',
          concerns: ({ phase, reason }) =>
            phase === 'starting' ||
            phase === 'running' ||
            phase === 'blocked' ||
            (phase === 'suspended' && reason !== 'operator-suspend'),
        }),
      ),
    );
}
