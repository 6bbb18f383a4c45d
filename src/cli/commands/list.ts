/** `list`: all supervisors of this user, living ones and what dead ones left behind. */
import { readdir } from 'node:fs/promises';
import type { Command } from 'commander';
import { connect } from '../../client/client.ts';
import { livingSupervisors } from '../../client/discover.ts';
import { isValidName } from '../../config/name.ts';
import { SuperviseError } from '../../wire/errors.ts';
import { pathsOf, stateRootOf } from '../../wire/paths.ts';
import { type Context, printJson, printLine, type Run } from '../context.ts';
import { tableLines, UNKNOWN } from '../render/format.ts';
import { visibleOnOneLine } from '../render/visible.ts';

interface Listed {
  readonly name: string;
  readonly running: boolean;
  readonly pid: number | null;
  readonly jobs: number | null;
  readonly file: string | null;
  /** Folder with its journal and logs. */
  readonly state: string;
}

const EXAMPLES = `
A supervisor that does not run is listed when its state (journal, logs) is still there.

Examples:
  supervise list
  supervise list --json
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command.addHelpText('after', EXAMPLES).action(() => run(list));
}

async function list(context: Context): Promise<number> {
  const { env } = context.io;
  const living = await livingSupervisors(env);
  const known = await namesWithState(stateRootOf(env));
  const names = [...new Set([...living, ...known])].sort();
  const supervisors = await Promise.all(names.map((name) => listed(name, living.includes(name), env)));
  if (context.json) printJson(context, { supervisors });
  else
    printLine(context, supervisors.length === 0 ? 'no supervisor is running' : tableOf(context, supervisors));
  return 0;
}

async function listed(name: string, running: boolean, env: Context['io']['env']): Promise<Listed> {
  const { socket, state } = pathsOf(name, env);
  const unknown = { name, running, pid: null, jobs: null, file: null, state };
  if (!running) return unknown;
  try {
    const status = await connect(socket).status();
    return { ...unknown, pid: status.supervisor.pid, jobs: status.jobs.length, file: status.supervisor.file };
  } catch (error) {
    // A suspended or ending daemon still counts as running; only its numbers stay unknown.
    if (error instanceof SuperviseError) return unknown;
    throw error;
  }
}

/** Folders of supervisors; anything else there is none of ours. */
async function namesWithState(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw new SuperviseError('SUPERVISE_BAD_STATE_FOLDER', `${root} can't be read: ${error.message}`);
  });
  return entries.filter((entry) => entry.isDirectory() && isValidName(entry.name)).map((entry) => entry.name);
}

function tableOf(context: Context, supervisors: readonly Listed[]): string {
  const column = (title: string, align: 'left' | 'right', cell: (supervisor: Listed) => string) => ({
    title,
    align,
    cells: supervisors.map(cell),
  });
  const columns = [
    column('NAME', 'left', ({ name }) => name),
    column('STATE', 'left', ({ running }) => (running ? 'running' : 'not running, state kept')),
    column('PID', 'right', ({ pid }) => String(pid ?? UNKNOWN)),
    column('JOBS', 'right', ({ jobs }) => String(jobs ?? UNKNOWN)),
    column('FILE', 'left', ({ file, state }) => visibleOnOneLine(file ?? state)),
  ];
  return tableLines(columns, context.colors.dim).join('\n');
}
