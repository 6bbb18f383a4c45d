/**
 * A world of its own for each test: a private SUPERVISE_HOME, a folder with a jobs file, the command line. It
 * ends with the test, whatever happened, and proves that nothing is left: no process, no socket, no folder.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { connect, type SuperviseClient } from '../../src/client/client.ts';
import { markPrefixOf } from '../../src/daemon/mark.ts';
import type { EventRecord, LogLine, Status } from '../../src/wire/api.ts';
import { pathsOf, type SupervisorPaths } from '../../src/wire/paths.ts';
import { beginCommand, type CommandOptions, type CommandResult, type RunningCommand } from './command.ts';
import { isAlive, type Process, processesWith } from './proc.ts';
import { until, type Wait } from './until.ts';

export type Job = Status['jobs'][number];
export type JobsFile = { readonly name?: string; readonly jobs: Record<string, object> } & Record<
  string,
  unknown
>;
type Extra = Partial<CommandOptions>;

export interface World {
  /** SUPERVISE_HOME. */
  readonly home: string;
  /** Where the jobs file lies and commands run. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly paths: (name?: string) => SupervisorPaths;
  readonly client: (name?: string) => SuperviseClient;
  /** Writes `file` as jobs.json (text is written as it is); its path. */
  readonly write: (file: JobsFile | string, name?: string) => string;
  /** Runs `supervise ARGS` to its end. */
  readonly cli: (args: readonly string[], extra?: Extra) => Promise<CommandResult>;
  /** The same, and the exit code has to be 0; its standard output. */
  readonly ok: (...args: readonly string[]) => Promise<string>;
  readonly begin: (args: readonly string[], extra?: Extra) => RunningCommand;
  /** Writes the file and starts it. */
  readonly start: (file: JobsFile) => Promise<void>;
  readonly status: () => Promise<Status>;
  readonly job: (name: string) => Promise<Job>;
  /** The job once `holds` is true of it. */
  readonly untilJob: (name: string, holds: (job: Job) => boolean, wait?: Partial<Wait>) => Promise<Job>;
  readonly untilPhase: (name: string, ...phases: Job['phase'][]) => Promise<Job>;
  /** What is still in the event ring. */
  readonly events: () => Promise<EventRecord[]>;
  readonly log: (name: string) => Promise<LogLine[]>;
  /** The first line of its log that matches. */
  readonly untilLog: (name: string, pattern: RegExp) => Promise<string>;
  /** Every living process that belongs to this world: daemons, guards, jobs and what they started. */
  readonly processes: () => Process[];
  /** Ends the supervisors of this world without grace. */
  readonly stopAll: () => Promise<void>;
  /** Fails when a process or a socket of this world is left. */
  readonly noLeftovers: () => Promise<void>;
}

/** The name of the supervisor when a test does not say another. */
export const NAME = 'w';

/** Opens a world that ends with the current test. */
export function openWorld(extraEnv: Readonly<Record<string, string>> = {}): World {
  // Short: a socket path holds 103 bytes.
  const root = mkdtempSync('/tmp/sv-');
  const world = worldIn(root, extraEnv);
  onTestFinished(async () => {
    try {
      await world.stopAll();
      await world.noLeftovers();
    } finally {
      killRest(world);
      rmSync(root, { recursive: true, force: true });
    }
  });
  return world;
}

function worldIn(root: string, extraEnv: Readonly<Record<string, string>>): World {
  const home = join(root, 'h');
  const folder = join(root, 'work');
  mkdirSync(folder);
  const { PATH = '/usr/bin:/bin' } = process.env;
  const env = { PATH, HOME: root, LANG: 'C.UTF-8', SUPERVISE_HOME: home, ...extraEnv };
  const paths = (name = NAME): SupervisorPaths => pathsOf(name, env);
  const client = (name?: string): SuperviseClient => connect(paths(name).socket);
  const begin: World['begin'] = (args, extra) => beginCommand(args, { env, cwd: folder, ...extra });
  const cli: World['cli'] = (args, extra) => begin(args, extra).ended;
  const ok: World['ok'] = async (...args) => {
    const result = await cli(args);
    expect(result.exitCode, `supervise ${args.join(' ')}: ${result.stderr} ${crashLogOf(paths())}`).toBe(0);
    return result.stdout;
  };
  const write: World['write'] = (file, name = 'jobs.json') => {
    const path = join(folder, name);
    writeFileSync(path, typeof file === 'string' ? file : JSON.stringify({ name: NAME, ...file }, null, 2));
    return path;
  };
  const status: World['status'] = () => client().status();
  const job: World['job'] = async (name) => {
    const { jobs } = await status();
    return jobs.find((one) => one.name === name) ?? absent(name);
  };
  const untilJob: World['untilJob'] = (name, holds, wait) =>
    until(
      async () => {
        const now = await job(name);
        return holds(now) ? now : null;
      },
      { describe: async () => `${name}: ${holds} of ${JSON.stringify(await job(name))}`, ...wait },
    );
  const log: World['log'] = async (name) => await collected(client().logs(name, { lines: 100_000 }));
  const processes = (): Process[] => processesWith(marksOf(env, home, paths));
  const world: World = {
    home,
    folder,
    env,
    paths,
    client,
    write,
    cli,
    ok,
    begin,
    start: async (file) => {
      write(file);
      await ok('start');
    },
    status,
    job,
    untilJob,
    untilPhase: (name, ...phases) =>
      untilJob(name, ({ phase }) => phases.includes(phase), {
        describe: async () => `${name} in ${phases.join(' or ')}; it is ${JSON.stringify(await job(name))}`,
      }),
    events: () => collected(client().events({})),
    log,
    untilLog: (name, pattern) =>
      until(async () => (await log(name)).find(({ text }) => pattern.test(text))?.text, {
        describe: async () =>
          `${pattern} in the log of ${name}: ${JSON.stringify((await log(name)).slice(-5))}`,
      }),
    processes,
    stopAll: async () => {
      for (const name of socketsOf(paths()))
        await connect(paths(name).socket)
          .shutdown({ now: true })
          .catch(() => {});
    },
    noLeftovers: () => noLeftovers(processes, paths()),
  };
  return world;
}

/** What a daemon that did not come up has left for the reader of a failure. */
function crashLogOf({ crashLog }: SupervisorPaths): string {
  try {
    return readFileSync(crashLog, 'utf8').slice(-2000);
  } catch {
    return '';
  }
}

function absent(name: string): never {
  throw new Error(`no job ${name}`);
}

async function collected<T>(items: AsyncIterable<T | { readonly gap: number }>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) if (!(item instanceof Object && 'gap' in item)) all.push(item);
  return all;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function socketsOf(paths: SupervisorPaths): string[] {
  const sockets = namesIn(paths.runtimeRoot).filter((entry) => entry.endsWith('.sock'));
  return sockets.map((entry) => entry.slice(0, -'.sock'.length));
}

/** What the environment of a process of this world holds, also that of a job which inherits nothing. */
function marksOf(env: World['env'], home: string, paths: World['paths']): string[] {
  const names = new Set([NAME, ...namesIn(home)]);
  return [
    `SUPERVISE_HOME=${home}`,
    `HOME=${env['HOME']}\0`,
    ...Array.from(names, (name) => markPrefixOf(name, paths(name))),
  ];
}

async function noLeftovers(processes: () => Process[], paths: SupervisorPaths): Promise<void> {
  await until(() => processes().length === 0, {
    withinMs: 10_000,
    describe: () => `nothing left running, but there is ${JSON.stringify(processes().map(withCommandLine))}`,
  });
  expect(namesIn(paths.runtimeRoot), 'sockets and pipes left').toEqual([]);
}

function withCommandLine(process: Process): object {
  try {
    return {
      ...process,
      line: readFileSync(`/proc/${process.pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 300),
    };
  } catch {
    return process;
  }
}

/** So that one failed test disturbs no other: every one of these carries the mark of this world. */
function killRest(world: World): void {
  for (const { pid } of world.processes()) {
    try {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    } catch {
      // Gone meanwhile.
    }
  }
}
