/** The worker budget on real processes: how many are not stopped, and who gets the CPU. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { child } from '../helpers/children.ts';
import { computedMs, processOf } from '../helpers/proc.ts';
import { until } from '../helpers/until.ts';
import { openWorld, type World } from '../helpers/world.ts';

const BURNERS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** A hand-over may show both processes computing for so long at most. */
const HAND_OVER_MS = 50;
/** Beside busy neighbours a stopped process may wait for a CPU just to notice; that is no computing. */
const COMPUTING_MS = 5;

interface Watched {
  readonly samples: number;
  readonly excessSamples: number;
  /** The longest time for which the same processes, more than the budget allows, were seen not stopped and got CPU. */
  readonly longestExcessMs: number;
  readonly mostAtOnce: number;
}

/** Looks at the state of each process every 5 ms. */
async function watchBudget(pids: readonly number[], budget: number, forMs: number): Promise<Watched> {
  const startedMs = performance.now();
  const watched = { samples: 0, excessSamples: 0, longestExcessMs: 0, mostAtOnce: 0 };
  let excess = { key: '', sinceMs: 0, computedMs: new Map<number, number>() };
  for (let nowMs = startedMs; nowMs - startedMs < forMs; nowMs = performance.now()) {
    const active = pids.filter((pid) => !['T', 'Z', 'X'].includes(processOf(pid)?.state ?? 'X'));
    watched.samples += 1;
    watched.mostAtOnce = Math.max(watched.mostAtOnce, active.length);
    if (active.length > budget) {
      watched.excessSamples += 1;
      // Others than a moment ago: the next hand-over, caught as well.
      if (excess.key !== active.join()) {
        excess = {
          key: active.join(),
          sinceMs: nowMs,
          computedMs: new Map(active.map((pid) => [pid, computedMs(pid)])),
        };
      }
      const computing = active.filter(
        (pid) => computedMs(pid) - (excess.computedMs.get(pid) ?? 0) >= COMPUTING_MS,
      );
      if (computing.length > budget)
        watched.longestExcessMs = Math.max(watched.longestExcessMs, nowMs - excess.sinceMs);
    } else excess = { ...excess, key: '' };
    await sleep(5);
  }
  return watched;
}

async function startBurners(world: World, policy: string): Promise<number[]> {
  const jobs = Object.fromEntries(
    BURNERS.map((name, index) => [name, { command: child('spin.js'), priority: index % 3 }]),
  );
  // The short aging makes sure that the lowest priority is seen to progress, too.
  await world.start({ workers: 2, schedule: { policy, quantum: '200ms', aging: '500ms' }, jobs });
  await until(async () => (await world.status()).jobs.every((job) => job.pid !== null), {
    describe: 'all burners alive',
  });
  return (await world.status()).jobs.map((job) => job.pid as number);
}

describe.each(['round-robin', 'priority'])('six jobs that only compute, two slots, %s', (policy) => {
  it('never compute more than two at a time, and each gets on', async () => {
    const world = openWorld();
    const pids = await startBurners(world, policy);
    const before = (await world.status()).jobs.map((job) => job.progress?.value ?? 0);
    const watched = await watchBudget(pids, 2, 10_000);
    expect(watched.samples).toBeGreaterThan(200);
    expect(watched.longestExcessMs, JSON.stringify(watched)).toBeLessThanOrEqual(HAND_OVER_MS);
    expect(watched.excessSamples / watched.samples, JSON.stringify(watched)).toBeLessThan(0.1);
    await until(
      async () =>
        (await world.status()).jobs.every((job, index) => (job.progress?.value ?? 0) > before[index]!),
      {
        describe: async () =>
          `progress of each beyond ${before}: ${JSON.stringify((await world.status()).jobs.map((job) => job.progress))}`,
      },
    );
    const status = await world.status();
    expect(status.jobs.map((job) => job.restarts.total)).toEqual(BURNERS.map(() => 0));
    // The same processes as before: nothing was ended to make room.
    expect(status.jobs.map((job) => job.pid)).toEqual(pids);
  });
});

describe('a job of low priority beside one of high, one slot', () => {
  const jobs = {
    high: { command: child('spin.js'), priority: 10 },
    low: { command: child('spin.js'), priority: 0 },
  };

  it('computes some and less when waiting ages', async () => {
    const world = openWorld();
    await world.start({ workers: 1, schedule: { policy: 'priority', quantum: '50ms', aging: '50ms' }, jobs });
    // It climbs one level each 50 ms, so that it overtakes after half a second.
    const low = await world.untilJob('low', (job) => job.slices >= 4 && (job.progress?.value ?? 0) > 0);
    const high = await world.job('high');
    expect(low.time.runningMs).toBeGreaterThan(0);
    expect(high.time.runningMs).toBeGreaterThan(2 * low.time.runningMs);
    expect(high.progress?.value).toBeGreaterThan(low.progress?.value ?? 0);
  });

  it('computes not at all while the other does when aging is off', async () => {
    const world = openWorld();
    await world.start({ workers: 1, schedule: { policy: 'priority', quantum: '50ms', aging: 'off' }, jobs });
    await world.untilJob('high', (job) => (job.cpu.timeMs ?? 0) > 2000);
    expect(await world.job('low')).toMatchObject({ phase: 'ready', pid: null, slices: 0, incarnation: 0 });
    await world.ok('stop', 'high');
    await world.untilJob('low', (job) => (job.progress?.value ?? 0) > 0);
    // Started anew, the high one takes the slot back at once and keeps it.
    await world.ok('restart', 'high');
    await world.untilJob('high', (job) => (job.progress?.value ?? 0) > 0);
    const paused = await world.job('low');
    expect(paused).toMatchObject({ phase: 'suspended', reason: 'higher-priority' });
    await world.untilJob('high', (job) => (job.cpu.timeMs ?? 0) > 1000);
    expect((await world.job('low')).slices).toBe(paused.slices);
  });
});

describe('jobs that end by themselves', () => {
  it('hand their slots on until all are done', async () => {
    const world = openWorld();
    const jobs = Object.fromEntries(BURNERS.map((name) => [name, { command: child('spin.js', 150) }]));
    await world.start({ workers: 2, schedule: { quantum: '50ms' }, jobs });
    await until(async () => (await world.status()).jobs.every((job) => job.phase === 'completed'), {
      describe: 'all completed',
    });
    for (const job of (await world.status()).jobs) {
      expect(job).toMatchObject({
        exit: { code: 0, signal: null, cause: 'exited' },
        incarnation: 1,
        pid: null,
      });
      expect(job.slices).toBeGreaterThanOrEqual(1);
    }
  });

  it('gives no process more than its place in the queue allows: first come, first served', async () => {
    const world = openWorld();
    const jobs = Object.fromEntries(
      ['x', 'y', 'z'].map((name) => [name, { command: child('exit-with.js', 0) }]),
    );
    await world.start({ workers: 1, schedule: { quantum: '10s' }, jobs });
    await until(async () => (await world.status()).jobs.every((job) => job.phase === 'completed'), {
      describe: 'all completed',
    });
    const events = await world.events();
    const order = events.flatMap((event) => (event.type === 'run.dispatched' ? [event.job] : []));
    expect(order).toEqual(['x', 'y', 'z']);
  });
});
