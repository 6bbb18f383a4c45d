/** `signal`: any signal to the whole process group of a job. */
import { constants } from 'node:os';
import type { Command } from 'commander';
import { nearestName } from '../../config/nearest.ts';
import { actOnJobs } from '../actions.ts';
import { usage } from '../arguments.ts';
import type { Run } from '../context.ts';

const EXAMPLES = `
The supervisor draws its own conclusions: what it did not ask for is repaired (SIGSTOP, SIGCONT) or handled by the
restart policy (an end).

Examples:
  supervise signal HUP web
  supervise signal SIGUSR1 api db
  supervise signal 9 leak
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command
    .argument('<signal>', 'a name with or without SIG, or a number')
    .argument('<job...>', 'the jobs')
    .addHelpText('after', EXAMPLES)
    .action((word: string, jobs: string[]) =>
      run((context) => {
        const signal = signalOf(word);
        return actOnJobs(context, jobs, {
          action: 'signal',
          request: { signal },
          done: `was sent ${signal}`,
          idle: () => `was sent ${signal}`,
          concerns: () => true,
        });
      }),
    );
}

/** The full name of a signal of this platform. */
function signalOf(word: string): string {
  const known = Object.entries(constants.signals);
  if (/^\d+$/.test(word)) {
    const [name] = known.find(([, number]) => number === Number(word)) ?? [];
    if (name !== undefined) return name;
    throw usage(`no signal has the number ${word}`);
  }
  const upper = word.toUpperCase();
  const full = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  if (known.some(([name]) => name === full)) return full;
  const nearest = nearestName(
    full,
    known.map(([name]) => name),
  );
  throw usage(
    `no signal is named ${JSON.stringify(word)}${nearest === null ? '' : `, did you mean ${nearest}?`}`,
  );
}
