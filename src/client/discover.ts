/**
 * Which supervisor a command means (design 2.1). A supervisor lives when its socket accepts a connection; names
 * and files left behind count for nothing. It must not know jobs files: what this folder's file says is asked of
 * the caller, and only when the answer matters.
 */
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { SuperviseError } from '../wire/errors.ts';
import { pathsOf, runtimeRootOf, type SupervisorPaths } from '../wire/paths.ts';
import { checkSocketPath } from './request.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Wanted {
  readonly env: Environment;
  /** From `--name`; it outranks `SUPERVISE_NAME`. */
  readonly name?: string | undefined;
  /** The name that the jobs file of this folder, or else the folder, gives. */
  readonly nameHere?: () => Promise<string | null>;
}

export interface FoundSupervisor {
  readonly name: string;
  readonly paths: SupervisorPaths;
}

const SOCKET_SUFFIX = '.sock';

/** The supervisor that is meant; an error lists the candidates when that is not clear. */
export async function findSupervisor(wanted: Wanted): Promise<FoundSupervisor> {
  const named = wanted.name ?? (wanted.env.SUPERVISE_NAME || undefined);
  if (named !== undefined) return findNamed(named, wanted.env);
  const candidates = supervisorsWithSocket(wanted.env);
  const [only] = candidates;
  if (only === undefined) throw new SuperviseError('SUPERVISE_NO_DAEMON', 'no supervisor is running');
  // With a single one there is nothing to choose: whether it lives, the first request will tell.
  if (candidates.length === 1) return found(only, wanted.env);
  const living = await aliveOf(candidates, wanted.env);
  const [first, second] = living;
  if (first === undefined) throw new SuperviseError('SUPERVISE_NO_DAEMON', 'no supervisor is running');
  if (second === undefined) return found(first, wanted.env);
  const here = (await wanted.nameHere?.()) ?? null;
  if (here !== null && living.includes(here)) return found(here, wanted.env);
  throw new SuperviseError(
    'SUPERVISE_AMBIGUOUS',
    `several supervisors are running: ${living.join(', ')}`,
    living,
  );
}

/** Names of all living supervisors of this user, sorted. */
export async function livingSupervisors(env: Environment): Promise<string[]> {
  return aliveOf(supervisorsWithSocket(env), env);
}

/** Whether something accepts connections there. */
export async function isAlive(socketPath: string): Promise<boolean> {
  checkSocketPath(socketPath);
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.destroy();
      // EAGAIN: its queue of connections is full, so somebody has to be there.
      resolve(error.code === 'EAGAIN');
    });
  });
}

async function findNamed(name: string, env: Environment): Promise<FoundSupervisor> {
  const supervisor = found(name, env);
  if (await isAlive(supervisor.paths.socket)) return supervisor;
  throw new SuperviseError('SUPERVISE_NO_DAEMON', `no supervisor named ${name} is running`, [name]);
}

function found(name: string, env: Environment): FoundSupervisor {
  return { name, paths: pathsOf(name, env) };
}

async function aliveOf(names: readonly string[], env: Environment): Promise<string[]> {
  const alive = await Promise.all(names.map((name) => isAlive(pathsOf(name, env).socket)));
  return names.filter((_, index) => alive[index] === true);
}

function supervisorsWithSocket(env: Environment): string[] {
  const sockets = entriesOf(runtimeRootOf(env)).filter((entry) => entry.endsWith(SOCKET_SUFFIX));
  return sockets.map((entry) => entry.slice(0, -SOCKET_SUFFIX.length)).sort();
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new SuperviseError('SUPERVISE_BAD_STATE_FOLDER', `${folder} can't be read: ${message}`);
  }
}
