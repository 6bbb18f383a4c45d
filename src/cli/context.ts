/**
 * What every command is given: io, the global options, colours, and where to find its supervisor. It prints
 * nothing by itself.
 */
import type { SuperviseClient } from '../client/client.ts';
import { type FoundSupervisor, findSupervisor } from '../client/discover.ts';
import { SuperviseError } from '../wire/errors.ts';
import type { Io, Output } from './io.ts';
import type { Colors } from './render/colors.ts';

export interface GlobalOptions {
  readonly name?: string;
  readonly json?: boolean;
  /** False after `--no-color`. */
  readonly color?: boolean;
}

export interface Context {
  readonly io: Io;
  readonly name: string | undefined;
  readonly json: boolean;
  readonly colors: Colors;
}

/** Runs a command and keeps its exit code; commands are declared with it. */
export type Run = (work: (context: Context) => Promise<number>) => Promise<void>;

/** Columns assumed where nobody knows better: a pipe, a file. */
const DEFAULT_COLUMNS = 80;

/** The context for these global options. */
export async function contextOf(io: Io, options: GlobalOptions): Promise<Context> {
  return {
    io,
    name: options.name,
    json: options.json === true,
    colors: await colorsFor(io.env, io.stdout, options.color !== false),
  };
}

/** Colours that leave text as it is. */
export const PLAIN: Colors = {
  bold: same,
  dim: same,
  red: same,
  green: same,
  yellow: same,
  blue: same,
  magenta: same,
  cyan: same,
  gray: same,
};

/** `NO_COLOR` and `--no-color` outrank `FORCE_COLOR`, which outranks what the output is. */
export async function colorsFor(env: Io['env'], output: Output, isAllowed: boolean): Promise<Colors> {
  const forced = env.FORCE_COLOR || null;
  const isWanted =
    forced === null ? output.isTerminal && env.TERM !== 'dumb' : forced !== '0' && forced !== 'false';
  if (!isAllowed || env.NO_COLOR || !isWanted) return PLAIN;
  return (await import('./render/colors.ts')).ESCAPES;
}

function same(text: string): string {
  return text;
}

/** The supervisor that the command means. */
export async function supervisorOf(context: Context): Promise<FoundSupervisor> {
  const { env, cwd } = context.io;
  const named = context.name ?? (env.SUPERVISE_NAME || undefined);
  if (named !== undefined) await checkName(named);
  return findSupervisor({
    env,
    name: named,
    nameHere: async () => {
      const { nameInFile, nameOfFolder } = await import('../config/name.ts');
      const file = `${cwd}/jobs.json`;
      return nameInFile(file) ?? nameOfFolder(file);
    },
  });
}

/** A client of the supervisor that the command means. */
export async function clientOf(context: Context): Promise<SuperviseClient> {
  const { connect } = await import('../client/client.ts');
  return connect((await supervisorOf(context)).paths.socket);
}

/** Columns to fill. */
export function widthOf(io: Io): number {
  const declared = Number(io.env.COLUMNS);
  const columns =
    io.stdout.columns ?? (Number.isInteger(declared) && declared > 0 ? declared : DEFAULT_COLUMNS);
  return Math.max(40, columns);
}

/** One JSON document on stdout. */
export function printJson(context: Context, value: unknown): void {
  context.io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** One line on stdout. */
export function printLine(context: Context, text: string): void {
  context.io.stdout.write(`${text}\n`);
}

/** One line for people, never on stdout. */
export function note(context: Context, text: string): void {
  context.io.stderr.write(`${text}\n`);
}

/** Names become parts of paths, so they are checked before anything else. */
export async function checkName(name: string): Promise<void> {
  const { isValidName } = await import('../config/name.ts');
  if (isValidName(name)) return;
  const message = `${JSON.stringify(name)} can't be the name of a supervisor: letters, digits, - and _ only, at most 64`;
  throw new SuperviseError('SUPERVISE_USAGE', message);
}
