/** The commands: name and one line each, and where the rest of it is. Only the one that is called gets loaded. */
import type { Command } from 'commander';
import type { Run } from './context.ts';

/** Declares arguments, options and action of a command. */
export type Configure = (command: Command, run: Run) => void;

export interface Verb {
  readonly name: string;
  readonly alias?: string;
  readonly summary: string;
  readonly group: 'Start and stop:' | 'Look:' | 'Control:' | 'Files:';
  readonly load: () => Promise<{ readonly configure: Configure }>;
}

export const VERBS: readonly Verb[] = [
  {
    name: 'start',
    summary: 'start the jobs of a file in the background, or apply what changed in it',
    group: 'Start and stop:',
    load: () => import('./commands/start.ts'),
  },
  {
    name: 'run',
    summary: 'the same in the foreground, with the output of all jobs',
    group: 'Start and stop:',
    load: () => import('./commands/run.ts'),
  },
  {
    name: 'stop',
    summary: 'stop some jobs, or all of them and the supervisor',
    group: 'Start and stop:',
    load: () => import('./commands/stop.ts'),
  },
  {
    name: 'restart',
    summary: 'start again whatever runs, ended, was stopped or is quarantined',
    group: 'Start and stop:',
    load: () => import('./commands/restart.ts'),
  },
  {
    name: 'status',
    alias: 'ps',
    summary: 'all jobs in a table',
    group: 'Look:',
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'logs',
    summary: 'what the jobs have written',
    group: 'Look:',
    load: () => import('./commands/logs.ts'),
  },
  {
    name: 'events',
    summary: 'what has happened and why',
    group: 'Look:',
    load: () => import('./commands/events.ts'),
  },
  {
    name: 'explain',
    summary: 'why a job is where it is and what happens next',
    group: 'Look:',
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'list',
    summary: 'all supervisors of this user',
    group: 'Look:',
    load: () => import('./commands/list.ts'),
  },
  {
    name: 'suspend',
    summary: 'suspend jobs (SIGSTOP) until resumed',
    group: 'Control:',
    load: () => import('./commands/suspend.ts'),
  },
  {
    name: 'resume',
    summary: 'let suspended jobs compute again',
    group: 'Control:',
    load: () => import('./commands/resume.ts'),
  },
  {
    name: 'signal',
    summary: 'send a signal to all processes of a job',
    group: 'Control:',
    load: () => import('./commands/signal.ts'),
  },
  {
    name: 'set',
    summary: 'change slots, policy, quantum or a priority live',
    group: 'Control:',
    load: () => import('./commands/set.ts'),
  },
  {
    name: 'send',
    summary: 'put a message into the mailbox of a job',
    group: 'Control:',
    load: () => import('./commands/send.ts'),
  },
  {
    name: 'check',
    alias: 'validate',
    summary: 'find every mistake in a jobs file without starting anything',
    group: 'Files:',
    load: () => import('./commands/check.ts'),
  },
  {
    name: 'schema',
    summary: 'the JSON Schema of jobs.json',
    group: 'Files:',
    load: () => import('./commands/schema.ts'),
  },
];
