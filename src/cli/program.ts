/**
 * The command line as commander sees it: global options, one command a verb, errors as ours. It must not know
 * what a command does.
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { SuperviseError } from '../wire/errors.ts';
import { contextOf, type GlobalOptions, type Run } from './context.ts';
import type { Io } from './io.ts';
import { VERBS } from './verbs.ts';

const HELP_AFTER = `
Which supervisor is meant: --name, else SUPERVISE_NAME, else the one of the jobs file in this folder, else the
only one that runs.

Examples:
  supervise start                    the jobs of ./jobs.json, in the background
  supervise status --watch           the table, twice a second
  supervise logs -f api              what api writes
  supervise explain api              why it is where it is
  supervise stop                     everything, and the supervisor

Exit codes: 0 ok, 1 a job failed, 2 usage or mistakes in the file, 3 no daemon answers, 4 no such job,
5 timed out, 70 a bug in supervise, 128+n ended by signal n.
`;

/** Parses and runs; the exit code of the command. Failures are thrown as SuperviseError. */
export async function runProgram(args: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const program = programOf(io);
  const run: Run = async (work) => {
    exitCode = await work(await contextOf(io, program.opts<GlobalOptions>()));
  };
  const loaded = new Map(VERBS.map((verb) => [verb.name, verb.load]));
  for (const verb of VERBS) {
    const command = program.command(verb.name).summary(verb.summary).description(sentence(verb.summary));
    command.helpGroup(verb.group);
    if (verb.alias !== undefined) command.alias(verb.alias);
  }
  program.hook('preSubcommand', async (_program, command) => {
    (await loaded.get(command.name())?.())?.configure(command, run);
  });
  try {
    await program.parseAsync(helpWords(args), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw new SuperviseError('SUPERVISE_USAGE', sentenceOf(error));
  }
  return exitCode;
}

function programOf(io: Io): Command {
  const program = new Command('supervise');
  return program
    .description('A process supervisor that behaves like a small operating system you can watch.')
    .usage('<command> [options]')
    .option('--name <name>', 'the supervisor that is meant')
    .option('--json', 'one JSON document on stdout, also on failure (streams: one per line)')
    .option('--no-color', 'no colour, as with NO_COLOR')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .addHelpText('after', HELP_AFTER)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // Only errors would come here; they are thrown and reported in one place.
      writeErr: () => {},
      getOutHelpWidth: () => io.stdout.columns ?? 100,
    });
}

/** Without a command commander wants to print its help as an error, which buries what is wrong. */
function sentenceOf(error: CommanderError): string {
  if (error.code === 'commander.help') return 'a command is missing';
  return error.message.replace(/^error: /, '').replace(/\n/g, ' ');
}

/** `help status` as `status --help`, which loads what it describes. */
function helpWords(args: readonly string[]): string[] {
  const [first, second] = args;
  if (first !== 'help') return [...args];
  return second === undefined ? ['--help'] : [second, '--help'];
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
