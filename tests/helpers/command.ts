/** The built command line as a process, as a person's shell would start it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/supervise.js', import.meta.url));
/** Nothing a test asks for takes this long; a command that hangs fails its test instead of the whole run. */
const COMMAND_MS = 50_000;

export interface CommandResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<CommandResult>;
}

export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Put before the command: `setpriv …`, `sh -c 'umask 0; exec "$@"' sh`. */
  readonly prefix?: readonly string[];
}

/** Starts `supervise ARGS` and goes on. */
export function beginCommand(args: readonly string[], options: CommandOptions): RunningCommand {
  const [file, ...rest] = [...(options.prefix ?? []), process.execPath, BIN, ...args];
  const child = spawn(file as string, rest, {
    cwd: options.cwd,
    env: { ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return {
    pid: child.pid as number,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: (signal) => void child.kill(signal),
    ended: resultOf(child, () => ({ stdout, stderr }), args),
  };
}

async function resultOf(
  child: ChildProcess,
  output: () => { stdout: string; stderr: string },
  args: readonly string[],
): Promise<CommandResult> {
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, COMMAND_MS);
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  const result = { exitCode, signal, ...output() };
  if (hung) throw new Error(`hung: supervise ${args.join(' ')}\n${result.stdout}\n${result.stderr}`);
  return result;
}
