/** What a person orders, and what the kernel shows of it. */
import { describe, expect, it } from 'vitest';
import { child, helper } from '../helpers/children.ts';
import { groupOf, isAlive, isStopped } from '../helpers/proc.ts';
import { until } from '../helpers/until.ts';
import { type JobsFile, openWorld, type World } from '../helpers/world.ts';

async function worldWith(jobs: JobsFile['jobs'], more: object = {}): Promise<World> {
  const world = openWorld();
  await world.start({ workers: 8, ...more, jobs });
  return world;
}

/** The pid of a job that said it is ready. */
async function readyPid(world: World, name: string): Promise<number> {
  return (await world.untilJob(name, (job) => job.ready && job.pid !== null)).pid as number;
}

const talks = { ready: 'message' };

describe('suspend and resume', () => {
  it('stop and continue the whole process group, grandchildren included', async () => {
    const world = await worldWith({ family: { command: child('spawn-grandchild.js'), ...talks } });
    const pid = await readyPid(world, 'family');
    expect(groupOf(pid)).toHaveLength(2);
    await world.ok('suspend', 'family');
    expect(await world.job('family')).toMatchObject({ phase: 'suspended', reason: 'operator-suspend', pid });
    await until(() => groupOf(pid).every(({ state }) => state === 'T'), {
      describe: () => JSON.stringify(groupOf(pid)),
    });
    expect(groupOf(pid)).toHaveLength(2);
    await world.ok('resume', 'family');
    await until(() => groupOf(pid).every(({ state }) => state !== 'T'), {
      describe: () => JSON.stringify(groupOf(pid)),
    });
    expect(await world.job('family')).toMatchObject({ pid, incarnation: 1 });
  });

  it('leave a suspended job suspended while slots are free, and say so when asked twice', async () => {
    const world = await worldWith({
      quiet: { command: child('echo.js'), ...talks },
      other: { command: child('spin.js') },
    });
    const pid = await readyPid(world, 'quiet');
    await world.ok('suspend', 'quiet');
    expect(await world.ok('suspend', 'quiet')).toMatch(/^quiet: was suspended already/);
    await world.untilJob('other', (job) => (job.progress?.value ?? 0) > 0);
    expect(isStopped(pid)).toBe(true);
    expect(await world.ok('resume', 'quiet')).toBe('quiet: resumed\n');
    await until(() => !isStopped(pid), { describe: 'resumed' });
  });

  it('undo what somebody else does to a job', async () => {
    const world = await worldWith({
      quiet: { command: child('echo.js'), ...talks },
      kept: { command: child('echo.js'), ...talks },
    });
    const quiet = await readyPid(world, 'quiet');
    const kept = await readyPid(world, 'kept');
    process.kill(quiet, 'SIGSTOP');
    await world.untilJob('quiet', (job) => job.repairs >= 1);
    await until(() => !isStopped(quiet), { describe: 'a foreign SIGSTOP undone' });
    await world.ok('suspend', 'kept');
    process.kill(kept, 'SIGCONT');
    await world.untilJob('kept', (job) => job.repairs >= 1);
    await until(() => isStopped(kept), { describe: 'a foreign SIGCONT undone' });
  });

  it('refuse a job that has no process', async () => {
    const world = await worldWith({ done: { command: child('exit-with.js', 0) } });
    await world.untilPhase('done', 'completed');
    const refused = await world.cli(['suspend', 'done']);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toContain('done is completed and has no process to suspend');
  });
});

describe('stop', () => {
  it('lets a suspended job run its handler', async () => {
    const world = await worldWith({ polite: { command: child('term-handler.js'), ...talks } });
    const pid = await readyPid(world, 'polite');
    await world.ok('suspend', 'polite');
    await until(() => isStopped(pid), { describe: 'suspended' });
    expect(await world.ok('stop', 'polite')).toBe('polite: stopped\n');
    expect(await world.job('polite')).toMatchObject({
      phase: 'stopped',
      exit: { code: 7, signal: null, cause: 'operator-stop' },
      pid: null,
    });
    expect((await world.log('polite')).map((line) => line.text)).toContain('bye');
  });

  it('lets a job that waits for a slot run its handler', async () => {
    const world = await worldWith(
      {
        polite: { command: child('term-handler.js'), ...talks, priority: 1 },
        burner: { command: child('spin.js'), priority: 0 },
      },
      { workers: 1, schedule: { policy: 'priority', aging: 'off' } },
    );
    await readyPid(world, 'polite');
    await world.ok('set', 'job:burner', 'priority=5');
    const { pid } = await world.untilPhase('polite', 'suspended');
    await until(() => isStopped(pid as number), { describe: 'suspended' });
    await world.ok('stop', 'polite');
    expect((await world.job('polite')).exit).toEqual({ code: 7, signal: null, cause: 'operator-stop' });
  });

  it('kills what ignores SIGTERM once its grace is over', async () => {
    const world = await worldWith({
      deaf: { command: child('ignore-term.js'), ...talks, stop: { grace: '300ms' } },
    });
    const pid = await readyPid(world, 'deaf');
    await world.ok('stop', 'deaf');
    expect(isAlive(pid)).toBe(false);
    expect((await world.job('deaf')).exit).toEqual({ code: null, signal: 'SIGKILL', cause: 'operator-stop' });
    const killed = (await world.events()).filter((event) => event.type === 'run.kill-requested');
    expect(killed).toMatchObject([{ job: 'deaf', reason: 'grace-over' }]);
    expect((await world.log('deaf')).filter((line) => line.text === 'ignored')).toHaveLength(1);
  });

  it('asked for twice at once ends once, and both wait for it', async () => {
    const world = await worldWith({ polite: { command: child('term-handler.js', 200), ...talks } });
    await readyPid(world, 'polite');
    const results = await Promise.all([world.cli(['stop', 'polite']), world.cli(['stop', 'polite'])]);
    expect(results.map((result) => result.exitCode)).toEqual([0, 0]);
    expect((await world.job('polite')).exit?.code).toBe(7);
    const asked = (await world.events()).filter((event) => event.type === 'run.stop-requested');
    expect(asked).toHaveLength(1);
  });

  it('of everything asked for twice at once ends once, and both wait for it', async () => {
    const world = await worldWith({ polite: { command: child('term-handler.js', 500), ...talks } });
    const { pid: daemon } = (await world.status()).supervisor;
    await readyPid(world, 'polite');
    const results = await Promise.all([world.cli(['stop']), world.cli(['stop'])]);
    expect(results.map((result) => result.exitCode)).toEqual([0, 0]);
    await until(() => !isAlive(daemon), { describe: 'the daemon gone' });
    expect((await world.cli(['status'])).exitCode).toBe(3);
  });

  it('while a job is being started ends it all the same', async () => {
    const jobs = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`j${index}`, { command: child('echo.js') }]),
    );
    const world = openWorld();
    world.write({ workers: 12, jobs });
    const starting = world.cli(['start']);
    await until(() => world.status().catch(() => null), { everyMs: 1, describe: 'a daemon' });
    await Promise.all(Object.keys(jobs).map((name) => world.client().act(name, 'stop')));
    await starting;
    const status = await world.status();
    expect(status.jobs.map((job) => [job.phase, job.pid])).toEqual(
      Object.keys(jobs).map(() => ['stopped', null]),
    );
    expect(world.processes().filter(({ command }) => /^j\d/.test(command))).toEqual([]);
  });

  it('ends jobs with processes that escaped from group and session', async () => {
    const world = await worldWith({
      escapee: { command: child('setsid-escapee.js'), ...talks },
      hidden: { command: helper('double-fork.sh'), ...talks },
    });
    await readyPid(world, 'escapee');
    const sleeper = Number((await world.untilLog('escapee', /^\d+$/)) ?? 0);
    const orphan = Number(await world.untilLog('hidden', /^\d+$/));
    expect([sleeper, orphan].map(isAlive)).toEqual([true, true]);
    await world.ok('stop', 'escapee', 'hidden');
    expect([sleeper, orphan].map(isAlive)).toEqual([false, false]);
  });
});

describe('restart', () => {
  it('starts a new run of what runs, of what was stopped and of what has ended', async () => {
    const world = await worldWith({
      runs: { command: child('term-handler.js'), ...talks },
      done: { command: child('exit-with.js', 0) },
    });
    const before = await readyPid(world, 'runs');
    await world.ok('restart', 'runs');
    const after = await world.untilJob('runs', (job) => job.ready && job.incarnation === 2);
    expect(after.pid).not.toBe(before);
    expect(after.exit).toEqual({ code: 7, signal: null, cause: 'operator-restart' });
    expect(isAlive(before)).toBe(false);
    await world.ok('stop', 'runs');
    await world.ok('restart', '--wait', 'runs');
    expect(await world.job('runs')).toMatchObject({ phase: 'running', ready: true, incarnation: 3 });
    await world.untilPhase('done', 'completed');
    await world.ok('restart', 'done');
    await world.untilJob('done', (job) => job.phase === 'completed' && job.incarnation === 2);
  });
});

describe('signal', () => {
  it('reaches every process of the job, and the restart policy deals with an end', async () => {
    const world = await worldWith({
      family: { command: child('spawn-grandchild.js'), ...talks, restart: { backoff: { initial: 0 } } },
      polite: { command: child('term-handler.js'), ...talks, restart: 'never' },
    });
    const pid = await readyPid(world, 'family');
    const group = groupOf(pid).map((one) => one.pid);
    expect(await world.ok('signal', 'KILL', 'family')).toBe('family: was sent SIGKILL\n');
    const again = await world.untilJob('family', (job) => job.incarnation === 2 && job.ready);
    expect(group.map(isAlive)).toEqual([false, false]);
    expect(again.exit).toEqual({ code: null, signal: 'SIGKILL', cause: 'signalled' });
    await readyPid(world, 'polite');
    await world.ok('signal', '15', 'polite');
    await world.untilPhase('polite', 'failed');
    expect((await world.job('polite')).exit).toEqual({ code: 7, signal: null, cause: 'exited' });
    expect(await world.cli(['signal', 'NONSENSE', 'family'])).toMatchObject({ exitCode: 2 });
  });
});

describe('set', () => {
  it('changes the number of slots while everything runs', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const world = await worldWith(
      Object.fromEntries(names.map((name) => [name, { command: child('spin.js') }])),
      { workers: 4 },
    );
    await until(async () => (await world.status()).jobs.every((job) => job.phase === 'running'), {
      describe: 'all running',
    });
    const pids = (await world.status()).jobs.map((job) => job.pid as number);
    await world.ok('set', 'workers=1', 'quantum=50ms');
    await until(() => pids.filter(isStopped).length === 3, {
      everyMs: 2,
      describe: 'three of four suspended',
    });
    await world.ok('set', 'workers=4');
    await until(() => pids.filter(isStopped).length === 0, { everyMs: 2, describe: 'none suspended' });
    expect((await world.status()).jobs.map((job) => job.pid)).toEqual(pids);
  });

  it('changes quantum, policy, aging and a priority, and refuses what makes no sense', async () => {
    const world = await worldWith({ a: { command: child('echo.js') } });
    await world.ok('set', 'policy=priority', 'quantum=70ms', 'aging=off', 'job:a', 'priority=3', 'weight=50');
    const { supervisor, jobs } = await world.status();
    expect(supervisor).toMatchObject({ policy: 'priority', quantumMs: 70, agingMs: null, workers: 8 });
    expect(jobs).toMatchObject([{ name: 'a', priority: 3, weight: 50 }]);
    for (const change of [
      'workers=0',
      'workers=two',
      'quantum=1ms',
      'policy=fastest',
      'colour=red',
      'workers',
    ]) {
      expect(await world.cli(['set', change]), change).toMatchObject({ exitCode: 2, stdout: '' });
    }
    expect(await world.cli(['set', 'job:nobody', 'priority=1'])).toMatchObject({ exitCode: 4 });
    expect((await world.status()).supervisor).toEqual({
      ...supervisor,
      uptimeMs: expect.any(Number),
      rssBytes: expect.any(Number),
      cpuPercent: expect.anything(),
    });
  });
});
