/**
 * Where a supervisor keeps its things: state (journal, logs, lock) and runtime (socket). Nothing is written
 * next to jobs.json. Pure functions of the environment, shared by daemon and clients so that they always agree.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface SupervisorPaths {
  /** Folder of all supervisors' state. */
  readonly stateRoot: string;
  /** Folder of the sockets; its name starts with a dot, which no supervisor's can. */
  readonly runtimeRoot: string;
  /** This supervisor's state. */
  readonly state: string;
  readonly socket: string;
  readonly lock: string;
  readonly journal: string;
  readonly logs: string;
  readonly daemonLog: string;
  /** What a crash of the daemon prints. */
  readonly crashLog: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `$SUPERVISE_HOME`, else the XDG state folder. */
export function stateRootOf(env: Environment): string {
  return (
    env['SUPERVISE_HOME'] || join(env['XDG_STATE_HOME'] || join(homeOf(env), '.local', 'state'), 'supervise')
  );
}

/** Sockets lie in the XDG runtime folder where there is one, since it is short and private. */
export function runtimeRootOf(env: Environment): string {
  if (env['SUPERVISE_HOME']) return join(env['SUPERVISE_HOME'], '.run');
  const runtime = env['XDG_RUNTIME_DIR'];
  return runtime ? join(runtime, 'supervise') : join(stateRootOf(env), '.run');
}

/** All paths of the supervisor `name`. */
export function pathsOf(name: string, env: Environment): SupervisorPaths {
  const stateRoot = stateRootOf(env);
  const runtimeRoot = runtimeRootOf(env);
  const state = join(stateRoot, name);
  return {
    stateRoot,
    runtimeRoot,
    state,
    socket: join(runtimeRoot, `${name}.sock`),
    lock: join(state, 'lock'),
    journal: join(state, 'journal.ndjson'),
    logs: join(state, 'logs'),
    daemonLog: join(state, 'daemon.log'),
    crashLog: join(state, 'crash.log'),
  };
}

function homeOf(env: Environment): string {
  return env['HOME'] || homedir();
}
