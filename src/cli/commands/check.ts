/** `check`: every mistake in a file, or what would be started. */
import type { Command } from 'commander';
import type { LaunchSpec, SupervisorSpec } from '../../core/job/spec.ts';
import { type Context, printJson, printLine, type Run } from '../context.ts';
import { DEFAULT_FILE, loadFile } from '../jobs-file.ts';
import { countText, settingText } from '../render/format.ts';
import { visibleOnOneLine } from '../render/visible.ts';

const EXAMPLES = `
Prints every mistake at once with its line and column, exit code 2, or one line a job with the command that would
be started. Nothing is started.

Examples:
  supervise check
  supervise check shop.json --json
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command
    .argument('[file]', 'the jobs file', DEFAULT_FILE)
    .addHelpText('after', EXAMPLES)
    .action((file: string) => run((context) => check(context, file)));
}

async function check(context: Context, file: string): Promise<number> {
  const { config, warnings } = await loadFile(context, file);
  const jobs = config.jobs.map(({ spec, launch }) => ({
    name: spec.name,
    command: commandOf(launch),
    cwd: launch.cwd,
  }));
  if (context.json) {
    const { name, workers, schedule } = config;
    printJson(context, { ok: true, name, workers, schedule, jobs, warnings });
    return 0;
  }
  printLine(context, summaryOf(config));
  const width = jobs.reduce((widest, job) => Math.max(widest, job.name.length), 0);
  for (const job of jobs)
    printLine(context, `  ${context.colors.bold(job.name.padEnd(width))}  ${visibleOnOneLine(job.command)}`);
  return 0;
}

function summaryOf({ name, jobs, workers, schedule }: SupervisorSpec): string {
  const rhythm = `${schedule.policy}, quantum ${settingText(schedule.quantumMs)}`;
  return `${name}: ok, ${countText(jobs.length, 'job')}, ${countText(workers, 'slot')}, ${rhythm}`;
}

/** The words as a shell would need them to be typed. */
function commandOf({ argv, shell }: LaunchSpec): string {
  return shell ? `sh -c ${quoted(argv[0])}` : argv.map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
