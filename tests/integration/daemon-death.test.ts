/** The daemon, its guard or both are killed: no job survives, and the next start needs no cleaning up. */
import { describe, expect, it } from 'vitest';
import { child, helper } from '../helpers/children.ts';
import { isAlive, isStopped, processOf } from '../helpers/proc.ts';
import { until } from '../helpers/until.ts';
import { NAME, openWorld, type World } from '../helpers/world.ts';

const talks = { ready: 'message' };

/** Jobs in every state from which a process could survive. */
const jobs = {
  runs: { command: child('echo.js'), ...talks },
  byPerson: { command: child('echo.js'), ...talks },
  deaf: { command: child('ignore-term.js'), ...talks },
  family: { command: child('spawn-grandchild.js'), ...talks },
  escapee: { command: child('setsid-escapee.js'), ...talks },
  hidden: { command: helper('double-fork.sh'), ...talks },
  alone: { command: helper('double-fork.sh'), ...talks, inheritEnv: false, env: { PATH: '/usr/bin:/bin' } },
  burns: { command: child('spin.js'), preempt: false },
};

interface Started {
  readonly daemon: number;
  readonly guard: number;
  /** Every process of every job. */
  readonly pids: readonly number[];
}

async function startAll(world: World): Promise<Started> {
  await world.start({ workers: 8, jobs });
  await until(async () => (await world.status()).jobs.every((job) => job.ready), {
    describe: async () => JSON.stringify((await world.status()).jobs.map((job) => [job.name, job.ready])),
  });
  await world.ok('suspend', 'byPerson');
  // Now some wait in the ready queue, suspended by the scheduler.
  await world.ok('set', 'workers=4', 'quantum=50ms');
  const { supervisor, jobs: all } = await world.status();
  await until(() => all.filter((job) => isStopped(job.pid as number)).length >= 3, {
    describe: 'three suspended',
  });
  const own = [supervisor.pid, supervisor.guardPid as number];
  const pids = world.processes().flatMap(({ pid }) => (own.includes(pid) ? [] : [pid]));
  // Eight leaders and four that they started.
  expect(pids).toHaveLength(12);
  return { daemon: supervisor.pid, guard: supervisor.guardPid as number, pids };
}

async function expectFreshStart(world: World, old: Started): Promise<void> {
  await world.ok('start');
  await until(async () => (await world.status()).jobs.filter((job) => job.pid !== null).length === 8, {
    describe: 'all jobs running again',
  });
  expect(old.pids.filter(isAlive)).toEqual([]);
  const { supervisor, jobs: all } = await world.status();
  expect(supervisor.pid).not.toBe(old.daemon);
  expect(all.map((job) => job.name)).toEqual(Object.keys(jobs));
  for (const { name, pid } of all) expect(processOf(pid as number), name).toMatchObject({ groupId: pid });
  const leaders = world
    .processes()
    .filter(
      ({ pid, sessionId }) => pid === sessionId && ![supervisor.pid, supervisor.guardPid].includes(pid),
    );
  // No duplicates: eight leaders, and three sleepers that made a session of their own or were left in one.
  expect(leaders.filter(({ pid }) => all.some((job) => job.pid === pid))).toHaveLength(8);
}

describe('kill -9 of the daemon', () => {
  it('ends every process of every job and then the guard; the next start works as it is', async () => {
    const world = openWorld();
    const old = await startAll(world);
    process.kill(old.daemon, 'SIGKILL');
    await until(() => old.pids.every((pid) => !isAlive(pid)), {
      withinMs: 5000,
      describe: () => `all gone, left: ${JSON.stringify(old.pids.filter(isAlive).map(processOf))}`,
    });
    await until(() => !isAlive(old.guard), { describe: 'the guard gone' });
    await until(() => world.processes().length === 0, { describe: () => JSON.stringify(world.processes()) });
    expect(await world.cli(['status'])).toMatchObject({ exitCode: 3, stdout: '' });
    await expectFreshStart(world, old);
  });

  it('ends jobs that are being started at that very moment', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 15 }, (_, index) => [`j${index}`, { command: child('echo.js') }]),
    );
    const world = openWorld();
    world.write({ workers: 15, jobs: many });
    const starting = world.cli(['start']);
    const { supervisor } = await until(() => world.status().catch(() => null), {
      everyMs: 1,
      describe: 'a daemon',
    });
    process.kill(supervisor.pid, 'SIGKILL');
    await starting;
    await until(() => world.processes().length === 0, { describe: () => JSON.stringify(world.processes()) });
    await world.ok('start');
    expect((await world.status()).jobs).toHaveLength(15);
  });
});

describe('kill -9 of guard and daemon', () => {
  it('leaves jobs that the next start ends before it starts its own', async () => {
    const world = openWorld();
    const old = await startAll(world);
    process.kill(old.guard, 'SIGKILL');
    process.kill(old.daemon, 'SIGKILL');
    await until(() => !isAlive(old.guard) && !isAlive(old.daemon), { describe: 'both gone' });
    // Nobody is there to end them: the quiet ones and the stopped ones live on.
    expect(old.pids.filter(isAlive).length).toBeGreaterThan(3);
    await expectFreshStart(world, old);
  });
});

describe('kill -9 of the guard alone', () => {
  it('harms no job, is said, and the supervisor can be stopped', async () => {
    const world = openWorld();
    await world.start({ workers: 4, jobs: { runs: jobs.runs } });
    const { pid } = await world.untilJob('runs', (job) => job.ready);
    const { guardPid } = (await world.status()).supervisor;
    process.kill(guardPid as number, 'SIGKILL');
    await until(() => !isAlive(guardPid as number), { describe: 'the guard gone' });
    await world.ok('restart', '--wait', '--timeout', '20s', 'runs');
    const { supervisor, jobs: all } = await world.status();
    expect(isAlive(pid as number)).toBe(false);
    expect(all).toMatchObject([{ phase: 'running', incarnation: 2 }]);
    // It is replaced, or its loss is said.
    const replaced = supervisor.guardPid !== guardPid && isAlive(supervisor.guardPid ?? 0);
    expect(
      replaced || supervisor.degraded.some(({ reason }) => reason === 'guard-lost'),
      JSON.stringify(supervisor),
    ).toBe(true);
    await world.ok('stop');
  });
});

describe('a daemon that is merely stopped', () => {
  it('is not dead: its jobs live on and it goes on where it was', async () => {
    const world = openWorld();
    await world.start({ workers: 4, jobs: { runs: jobs.runs } });
    const { pid } = await world.untilJob('runs', (job) => job.ready);
    const { supervisor } = await world.status();
    process.kill(supervisor.pid, 'SIGSTOP');
    await until(() => isStopped(supervisor.pid), { describe: 'the daemon stopped' });
    // A second start must neither take over nor hang for ever.
    const second = world.begin(['start']);
    await until(() => world.processes().some((one) => one.pid === second.pid), {
      describe: 'a second start',
    });
    expect(isAlive(pid as number)).toBe(true);
    process.kill(supervisor.pid, 'SIGCONT');
    expect(await second.ended).toMatchObject({ exitCode: 0 });
    expect((await world.status()).supervisor).toMatchObject({ pid: supervisor.pid, name: NAME });
    expect(await world.job('runs')).toMatchObject({ pid, incarnation: 1 });
  });
});

describe('a signal to the daemon', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s stops all jobs with their grace', async (signal) => {
    const world = openWorld();
    await world.start({ workers: 4, jobs: { polite: { command: child('term-handler.js'), ...talks } } });
    await world.untilJob('polite', (job) => job.ready);
    const { pid } = (await world.status()).supervisor;
    process.kill(pid, signal);
    await until(() => world.processes().length === 0, { describe: () => JSON.stringify(world.processes()) });
  });

  it('SIGHUP does nothing', async () => {
    const world = openWorld();
    await world.start({ workers: 4, jobs: { runs: jobs.runs } });
    const { supervisor, jobs: before } = await world.status();
    process.kill(supervisor.pid, 'SIGHUP');
    const after = await world.status();
    expect(after.supervisor.pid).toBe(supervisor.pid);
    expect(after.jobs[0]?.pid).toBe(before[0]?.pid);
  });
});
