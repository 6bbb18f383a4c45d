/**
 * The only file that knows execa. Starts one run in a session and process group of its own, with a duplex
 * socket on fd 3, and reports what the operating system says. An exit is the `exit` event: execa's promise and
 * `close` wait for pipes that a grandchild may hold for ever.
 */

import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { execa } from 'execa';
import type { SpawnFault } from '../../core/input.ts';
import type { LaunchSpec } from '../../core/job/spec.ts';

export interface SpawnRequest {
  readonly name: string;
  readonly launch: LaunchSpec;
  readonly environment: Readonly<Record<string, string>>;
  readonly onExit: (code: number | null, signal: string | null) => void;
  readonly onFailed: (failure: SpawnFailure) => void;
}

export interface SpawnFailure {
  readonly code: string;
  readonly message: string;
  readonly fault: SpawnFault;
}

export interface Spawned {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly channel: Duplex;
}

/** The machine's fault and not the job's. */
const MACHINE_TROUBLE: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']);

/** Starts the process; null: it failed, and `onFailed` has been or will be called. */
export function spawnRun(request: SpawnRequest): Spawned | null {
  const { launch, environment } = request;
  const [file, ...args] = launch.shell ? ['/bin/sh', '-c', launch.argv[0]] : launch.argv;
  const argv0 = shellTitle(file, request.name);
  const subprocess = execa(file, args, {
    cwd: launch.cwd,
    env: environment,
    extendEnv: false,
    ...(argv0 === null ? {} : { argv0 }),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    // Nothing that execa adds for scripts is right for a supervisor.
    reject: false,
    buffer: false,
    cleanup: false,
    shell: false,
    preferLocal: false,
    forceKillAfterDelay: false,
    stripFinalNewline: false,
    encoding: 'buffer',
    windowsHide: false,
  });
  const { pid, stdout, stderr } = subprocess;
  if (pid === undefined) {
    void subprocess.then((result) => request.onFailed(failureOf(result, launch)));
    return null;
  }
  subprocess.on('exit', (code, signal) => request.onExit(code, signal));
  subprocess.on('error', () => {});
  return { pid, stdout, stderr, channel: subprocess.stdio[3] as unknown as Duplex };
}

interface ExecaResult {
  readonly code?: string | undefined;
  readonly originalMessage?: string | undefined;
  readonly cause?: unknown;
}

function failureOf(result: ExecaResult, launch: LaunchSpec): SpawnFailure {
  const code = result.code ?? 'UNKNOWN';
  const fault = MACHINE_TROUBLE.has(code) ? 'machine' : 'job';
  return { code, message: `${code}: ${explain(code, launch)}`, fault };
}

function explain(code: string, launch: LaunchSpec): string {
  const program = launch.shell ? '/bin/sh' : launch.argv[0];
  switch (code) {
    case 'ENOENT':
      return `the program ${program}, its interpreter or the folder ${launch.cwd} is missing`;
    case 'EACCES':
      return `the program ${program} is not executable, or the folder ${launch.cwd} may not be entered`;
    case 'ENOTDIR':
      return `${launch.cwd} is not a folder`;
    case 'E2BIG':
      return `the arguments or environment of ${program} are too long for the system`;
    case 'ENOEXEC':
      return `${program} is not a program this machine can run`;
    default:
      return `${program} could not be started in ${launch.cwd}`;
  }
}

const SHELLS: ReadonlySet<string> = new Set(['sh', 'dash', 'bash', 'ksh', 'mksh', 'zsh']);
const titles = new Map<string, boolean>();

/**
 * The job's name as argv[0], for shells only. Many programs find themselves by argv[0] (postgres, sshd, python,
 * every multi-call binary) and would break; a shell that is itself, and not a link to something else, does not.
 */
function shellTitle(file: string, name: string): string | null {
  let isShell = titles.get(file);
  if (isShell === undefined) {
    isShell = SHELLS.has(basename(file)) && file.startsWith('/') && isPlainShell(file);
    titles.set(file, isShell);
  }
  return isShell ? name : null;
}

function isPlainShell(file: string): boolean {
  try {
    const real = basename(realpathSync(file));
    // bash called as `sh` behaves by the POSIX rules, which another argv[0] would switch off.
    return real === basename(file) || real === 'dash';
  } catch {
    return false;
  }
}
