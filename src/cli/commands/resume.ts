/** `resume`: back into the ready queue. */
import type { Command } from 'commander';
import { actOnJobs } from '../actions.ts';
import type { Run } from '../context.ts';

const EXAMPLES = `
A resumed job waits for a slot like any other.

Examples:
  supervise resume compress
  supervise resume                   every job that a person has suspended
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command
    .argument('[job...]', 'only these; none: all that a person has suspended')
    .addHelpText('after', EXAMPLES)
    .action((jobs: string[]) =>
      run((context) =>
        actOnJobs(context, jobs, {
          action: 'resume',
          done: 'resumed',
          idle: (phase) => `was not suspended by a person, it is ${phase}`,
          concerns: ({ phase, reason }) => phase === 'suspended' && reason === 'operator-suspend',
        }),
      ),
    );
}
