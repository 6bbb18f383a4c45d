/** Memory limits on processes that really hold pages. */
import { describe, expect, it } from 'vitest';
import { child, helper } from '../helpers/children.ts';
import { groupOf, isAlive } from '../helpers/proc.ts';
import { openWorld, type World } from '../helpers/world.ts';

async function worldWith(jobs: Record<string, object>): Promise<World> {
  const world = openWorld();
  await world.start({ workers: 8, memory: { sample: '50ms' }, jobs });
  return world;
}

describe('memory.max', () => {
  it('ends a job that grows beyond it, with that cause, and the restart policy brings it back', async () => {
    const world = await worldWith({
      // A Node program holds some 45 MB; 20 MB a second on top pass the limit after about three seconds.
      leak: {
        command: child('grow-memory.js', 2, 100, 400),
        memory: '100MB',
        restart: { backoff: { initial: '50ms', jitter: 0 } },
      },
      quiet: { command: child('grow-memory.js', 1, 10, 20), memory: '150MB' },
    });
    const again = await world.untilJob('leak', (job) => job.incarnation === 2 && job.pid !== null);
    expect(again.exit).toMatchObject({ cause: 'memory-max' });
    expect(again.restarts).toMatchObject({ total: 1, inPeriod: 1 });
    const exceeded = (await world.events()).find((event) => event.type === 'memory.exceeded');
    expect(exceeded).toMatchObject({ job: 'leak', incarnation: 1, limitBytes: 100_000_000, early: false });
    if (exceeded?.type !== 'memory.exceeded') return expect.unreachable();
    expect(exceeded.rssBytes).toBe(exceeded.limitBytes + exceeded.overshootBytes);
    expect(exceeded.overshootBytes).toBeGreaterThan(0);
    // It grows by 20 MB a second: even with seconds between two looks it can't be far beyond.
    expect(exceeded.overshootBytes).toBeLessThan(50_000_000);
    expect(await world.job('quiet')).toMatchObject({ incarnation: 1, phase: 'running' });
  });

  it('below what a program needs to start quarantines it after two runs and says why', async () => {
    const world = await worldWith({
      tight: { command: child('echo.js'), memory: '20MB', restart: { backoff: { initial: '20ms' } } },
    });
    const job = await world.untilPhase('tight', 'quarantined');
    expect(job).toMatchObject({ reason: 'memory-base-above-max', pid: null, exit: { cause: 'memory-max' } });
    const early = (await world.events()).flatMap((event) =>
      event.type === 'memory.exceeded' ? [event.early] : [],
    );
    expect(early).toHaveLength(job.incarnation);
    // Two in a row; on a machine so busy that the first run needs two seconds to get there, after others.
    expect(early.slice(-2)).toEqual([true, true]);
    expect(early.slice(0, -2)).not.toContain(true);
    expect(job.memory.peakBytes).toBeGreaterThan(20_000_000);
  });

  it('counts the whole family, and ends all of it', async () => {
    const world = await worldWith({
      family: {
        command: helper('family-memory.js', 3, 100),
        memory: '250MB',
        restart: 'never',
        stop: { grace: '1s' },
      },
    });
    const { pid } = await world.untilJob('family', (job) => job.pid !== null);
    const members = new Set<number>();
    await world.untilJob('family', (job) => {
      for (const member of groupOf(pid as number)) members.add(member.pid);
      return job.phase === 'failed';
    });
    expect(await world.job('family')).toMatchObject({
      exit: { cause: 'memory-max' },
      reason: 'restart-never',
    });
    expect(members.size).toBe(4);
    expect([...members].filter(isAlive)).toEqual([]);
  });
});

describe('memory.high', () => {
  it('tells the job once, and leaves it alone below max', async () => {
    const world = await worldWith({
      told: { command: child('grow-memory.js', 5, 20, 60), memory: { high: '80MB', max: '400MB' } },
    });
    const text = await world.untilLog('told', /pressure/);
    expect(JSON.parse(text)).toMatchObject({
      type: 'pressure',
      resource: 'memory',
      highBytes: 80_000_000,
      maxBytes: 400_000_000,
    });
    expect((JSON.parse(text) as { rssBytes: number }).rssBytes).toBeGreaterThan(80_000_000);
    const job = await world.untilJob('told', ({ progress }) => progress?.value === 60);
    expect(job).toMatchObject({ phase: 'running', incarnation: 1 });
    expect((await world.log('told')).filter((line) => line.text.includes('pressure'))).toHaveLength(1);
  });

  it('reaches a job that holds it already when a limit comes with a changed file', async () => {
    const world = await worldWith({ big: { command: child('grow-memory.js', 60, 20, 60) } });
    await world.untilJob('big', ({ progress }) => progress?.value === 60);
    const before = await world.job('big');
    world.write({
      workers: 8,
      memory: { sample: '50ms' },
      jobs: { big: { command: child('grow-memory.js', 60, 20, 60), memory: { high: '70MB', max: '1GB' } } },
    });
    await world.ok('start');
    await world.untilLog('big', /pressure/);
    expect(await world.job('big')).toMatchObject({ pid: before.pid, incarnation: 1 });
  });
});
