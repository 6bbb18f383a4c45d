/**
 * One script of jobs and commands on two machines: the simulated one in virtual time and the real one with real
 * processes. What is compared is the history of events of each job, without its instants.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { Event } from '../../src/core/event.ts';
import type { Input } from '../../src/core/input.ts';
import type { JobSpec, LaunchSpec } from '../../src/core/job/spec.ts';
import { findJob, type JobState, type Settings } from '../../src/core/state.ts';
import { createDaemon } from '../../src/daemon/daemon.ts';
import { pathsOf } from '../../src/wire/paths.ts';
import { DEFAULT_SETTINGS } from '../sim/specs.ts';
import { type Behaviour, createWorld } from '../sim/world.ts';

export interface Program {
  /** On the simulated machine. */
  readonly behaviour: Behaviour;
  /** On the real one: a file of tests/fixtures/children and its arguments. */
  readonly argv: readonly [string, ...string[]];
}

export interface Machine {
  readonly post: (input: Input) => void;
  readonly events: () => readonly Event[];
  readonly job: (name: string) => JobState | undefined;
  /** Lets things happen until `condition` holds; fails after a generous time. */
  readonly until: (condition: (machine: Machine) => boolean, what: string) => Promise<void>;
  /** Stops everything and removes what was made. */
  readonly close: () => Promise<void>;
}

export type MachineMaker = (
  jobs: readonly (readonly [JobSpec, Program])[],
  settings?: Partial<Settings>,
) => Promise<Machine>;

const VIRTUAL_LIMIT_MS = 120_000;
const REAL_LIMIT_MS = 30_000;
const CHILDREN = new URL('../fixtures/children/', import.meta.url).pathname;

export const simulated: MachineMaker = async (jobs, settings = {}) => {
  const world = createWorld({ jobs: jobs.map(([spec, { behaviour }]) => [spec, behaviour]), settings });
  const machine: Machine = {
    post: world.post,
    events: () => world.events,
    job: (name) => findJob(world.state(), name),
    until: async (condition, what) => {
      for (let passedMs = 0; !condition(machine); passedMs += 1) {
        if (passedMs > VIRTUAL_LIMIT_MS) throw new Error(`not seen in virtual time: ${what}`);
        world.advance(1);
      }
    },
    close: async () => {
      world.post({ type: 'operator.shutdown', now: true });
      world.advance(60_000);
      if (!world.state().stopped) throw new Error('the simulated machine did not stop');
    },
  };
  return machine;
};

export const real: MachineMaker = async (jobs, settings = {}) => {
  const home = mkdtempSync(join(tmpdir(), 'sv-contract-'));
  const paths = pathsOf('contract', { SUPERVISE_HOME: home });
  const merged = { ...DEFAULT_SETTINGS, ...settings };
  const events: Event[] = [];
  let bug: unknown = null;
  const { prepareFolders } = await import('../../src/daemon/os/folders.ts');
  prepareFolders(paths);
  const { workers, policy, quantumMs, agingMs, blocking, sampleMs } = merged;
  const config = {
    name: 'contract',
    file: join(home, 'jobs.json'),
    workers,
    schedule: { policy, quantumMs, agingMs, blocking },
    sampleMs,
    jobs: jobs.map(([spec, { argv }]) => ({ spec, launch: launchOf(argv, home) })),
  };
  const daemon = createDaemon({
    config,
    paths,
    environment: process.env,
    platform: process.platform,
    seed: 1,
    guardDescriptor: null,
    log: pino({ enabled: false }),
    onBug: (error) => {
      bug = error;
    },
  });
  daemon.loop.onTurn((records) => events.push(...records));
  daemon.apply(config);
  const machine: Machine = {
    post: daemon.loop.post,
    events: () => events,
    job: (name) => findJob(daemon.loop.state(), name),
    until: async (condition, what) => {
      const look = () => (bug !== null || condition(machine) ? true : null);
      const seen = await daemon.waits.until(look, REAL_LIMIT_MS);
      if (bug !== null) throw bug;
      if (seen === null) throw new Error(`not seen within ${REAL_LIMIT_MS} ms: ${what}`);
    },
    close: async () => {
      daemon.loop.post({ type: 'operator.shutdown', now: true });
      const { survivors } = await daemon.ended;
      daemon.clock.close();
      daemon.journal.close();
      daemon.logs.close();
      rmSync(home, { recursive: true });
      if (survivors.length > 0) throw new Error(`survivors: ${JSON.stringify(survivors)}`);
    },
  };
  return machine;
};

function launchOf([file, ...args]: Program['argv'], cwd: string): LaunchSpec {
  const path = file.includes('/') ? file : join(CHILDREN, file);
  const interpreter = file.endsWith('.js') ? [process.execPath] : file.endsWith('.sh') ? ['/bin/sh'] : [];
  return {
    argv: [...interpreter, path, ...args] as [string, ...string[]],
    shell: false,
    cwd,
    env: [],
    inheritEnv: true,
    log: { maxBytes: 1_000_000, files: 2 },
  };
}
