/**
 * Brings a supervisor up: a new one, or a changed file for the one that lives. Of any number of concurrent
 * starts exactly one wins the kernel lock; the others hand their file to the winner.
 */
import { connect, type SuperviseClient } from '../client/client.ts';
import { isAlive } from '../client/discover.ts';
import type { SupervisorSpec } from '../core/job/spec.ts';
import type { ApplyResult } from '../wire/api.ts';
import { SuperviseError } from '../wire/errors.ts';
import { pathsOf, type SupervisorPaths } from '../wire/paths.ts';
import { sleep, wallMs } from './clock.ts';
import type { Io } from './io.ts';

export interface Launched {
  readonly client: SuperviseClient;
  /** Null: this command has started the daemon. */
  readonly applied: ApplyResult | null;
}

/** The winner of the lock needs this long at most until its socket answers; the loser of it until it is gone. */
const RACE_MS = 15_000;
const RACE_LOOK_MS = 25;
const RACE_RETRY_MS = 500;

/** Hands the jobs to the living daemon of that name, or starts one. */
export async function launchOrApply(io: Io, config: SupervisorSpec): Promise<Launched> {
  const paths = pathsOf(config.name, io.env);
  const client = connect(paths.socket);
  const deadlineMs = wallMs() + RACE_MS;
  for (;;) {
    if (await isAlive(paths.socket)) {
      const applied = await appliedTo(client, config);
      if (applied !== null) return { client, applied };
    }
    const lost = await launched(io, config, paths);
    if (lost === null) return { client, applied: null };
    if (wallMs() > deadlineMs) throw lost;
    // Somebody else is starting or ending at this moment: there will be a socket, or else a free lock.
    await socketAnswers(paths.socket, RACE_RETRY_MS);
  }
}

/** Starts a daemon; one that lives already is an error. */
export async function launchNew(io: Io, config: SupervisorSpec): Promise<SuperviseClient> {
  const paths = pathsOf(config.name, io.env);
  if (await isAlive(paths.socket)) throw alreadyRunning(config.name);
  const lost = await launched(io, config, paths);
  if (lost !== null) throw lost;
  return connect(paths.socket);
}

/** Null when the daemon went away meanwhile. */
async function appliedTo(client: SuperviseClient, config: SupervisorSpec): Promise<ApplyResult | null> {
  try {
    return await client.apply(config);
  } catch (error) {
    if (error instanceof SuperviseError && error.code === 'SUPERVISE_NO_DAEMON') return null;
    throw error;
  }
}

/** Null: started; otherwise somebody else holds the name. */
async function launched(
  io: Io,
  config: SupervisorSpec,
  paths: SupervisorPaths,
): Promise<SuperviseError | null> {
  const { startGuard } = await import('../daemon/guard.ts');
  const answer = await startGuard(config, paths, io.env);
  if (answer.started) return null;
  const { code, message, details } = answer.error;
  const error = new SuperviseError(code, message, details);
  if (code === 'SUPERVISE_ALREADY_RUNNING') return error;
  throw error;
}

async function socketAnswers(socketPath: string, withinMs: number): Promise<boolean> {
  const deadlineMs = wallMs() + withinMs;
  while (wallMs() < deadlineMs) {
    if (await isAlive(socketPath)) return true;
    await sleep(RACE_LOOK_MS);
  }
  return false;
}

function alreadyRunning(name: string): SuperviseError {
  return new SuperviseError('SUPERVISE_ALREADY_RUNNING', `a supervisor named ${name} is running already`);
}
