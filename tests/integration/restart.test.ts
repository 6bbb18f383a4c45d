/** What follows the end of a run: the restart policies on real processes. */
import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/wire/api.ts';
import { child } from '../helpers/children.ts';
import { isAlive } from '../helpers/proc.ts';
import { openWorld, type World } from '../helpers/world.ts';

const quick = { initial: '20ms', factor: 1, jitter: 0 };

async function worldWith(jobs: Record<string, object>): Promise<World> {
  const world = openWorld();
  await world.start({ workers: 8, jobs });
  return world;
}

async function eventsOf<T extends EventRecord['type']>(
  world: World,
  job: string,
  type: T,
): Promise<Extract<EventRecord, { type: T }>[]> {
  const events = await world.events();
  return events.filter(
    (event): event is Extract<EventRecord, { type: T }> =>
      event.type === type && 'job' in event && event.job === job,
  );
}

describe('restart policies', () => {
  it('on-failure leaves alone what ends with 0 and restarts what fails, by code or by signal', async () => {
    const world = await worldWith({
      fine: { command: child('exit-with.js', 0) },
      fails: {
        command: child('exit-with.js', 3),
        restart: { backoff: quick, intensity: { restarts: 2, within: '60s' } },
      },
      killed: {
        command: ['sh', '-c', 'kill -KILL $$'],
        restart: { backoff: quick, intensity: { restarts: 2, within: '60s' } },
      },
    });
    expect(await world.untilPhase('fine', 'completed')).toMatchObject({
      reason: 'exited-cleanly',
      incarnation: 1,
      restarts: { total: 0 },
    });
    const ended = {
      phase: 'quarantined',
      reason: 'intensity-exceeded',
      incarnation: 3,
      restarts: { total: 2 },
      pid: null,
    };
    expect(await world.untilPhase('fails', 'quarantined')).toMatchObject({
      ...ended,
      exit: { code: 3, signal: null, cause: 'exited' },
    });
    expect(await world.untilPhase('killed', 'quarantined')).toMatchObject({
      ...ended,
      exit: { code: null, signal: 'SIGKILL', cause: 'signalled' },
    });
    expect(await world.job('fine')).toMatchObject({ incarnation: 1 });
  });

  it('never restarts nothing, always restarts a clean end too', async () => {
    const world = await worldWith({
      once: { command: child('exit-with.js', 3), restart: 'never' },
      again: {
        command: child('exit-with.js', 0),
        restart: { policy: 'always', backoff: quick, intensity: { restarts: 'unlimited', within: '60s' } },
      },
    });
    expect(await world.untilPhase('once', 'failed')).toMatchObject({
      reason: 'restart-never',
      incarnation: 1,
      exit: { code: 3 },
    });
    await world.untilJob('again', (job) => job.incarnation >= 4);
    await world.ok('stop', 'again');
    expect(await world.job('again')).toMatchObject({ phase: 'stopped', pid: null });
    expect(await world.job('once')).toMatchObject({ incarnation: 1 });
  });

  it('give up at once on an exit code declared permanent', async () => {
    const world = await worldWith({
      usual: { command: child('exit-with.js', 125) },
      own: { command: child('exit-with.js', 42), restart: { permanentExitCodes: [41, 42] } },
      always: { command: child('exit-with.js', 42), restart: { policy: 'always', permanentExitCodes: [42] } },
    });
    for (const name of ['usual', 'own', 'always']) {
      expect(await world.untilPhase(name, 'failed')).toMatchObject({
        reason: 'permanent-exit-code',
        incarnation: 1,
      });
    }
  });
});

describe('backoff', () => {
  it('doubles up to its maximum and is really waited for', async () => {
    const world = await worldWith({
      fails: {
        command: child('exit-with.js', 1),
        restart: {
          backoff: { initial: '40ms', factor: 2, max: '100ms', jitter: 0 },
          intensity: { restarts: 4, within: '60s' },
        },
      },
    });
    await world.untilPhase('fails', 'quarantined');
    const waits = await eventsOf(world, 'fails', 'job.backed-off');
    expect(waits.map((event) => [event.attempt, event.delayMs])).toEqual([
      [1, 40],
      [2, 80],
      [3, 100],
      [4, 100],
    ]);
    const dispatches = await eventsOf(world, 'fails', 'run.dispatched');
    expect(dispatches).toHaveLength(5);
    for (const [index, wait] of waits.entries())
      expect(dispatches[index + 1]!.at).toBeGreaterThanOrEqual(wait.at + wait.delayMs);
  });

  it('is shown while it lasts; a restart ends it, a stop too', async () => {
    const slow = { backoff: { initial: '10m', max: '10m' } };
    const world = await worldWith({
      a: { command: child('exit-with.js', 1), restart: slow },
      b: { command: child('exit-with.js', 1), restart: slow },
    });
    const waiting = await world.untilPhase('a', 'backing-off');
    expect(waiting).toMatchObject({ pid: null, reason: 'restart-on-failure', incarnation: 1 });
    expect(waiting.restarts.nextInMs).toBeGreaterThan(0);
    await world.ok('restart', 'a');
    await world.untilJob('a', (job) => job.incarnation === 2 && job.phase === 'backing-off');
    await world.untilPhase('b', 'backing-off');
    await world.ok('stop', 'b');
    expect(await world.job('b')).toMatchObject({ phase: 'stopped', pid: null, incarnation: 1 });
  });
});

describe('quarantine', () => {
  const hopeless = {
    command: child('exit-with.js', 9),
    restart: { backoff: quick, intensity: { restarts: 3, within: '60s' } },
  };

  it('comes after one start and N restarts; a person restarts with a fresh count', async () => {
    const world = await worldWith({ hopeless });
    const first = await world.untilPhase('hopeless', 'quarantined');
    expect(first).toMatchObject({
      incarnation: 4,
      restarts: { total: 3, inPeriod: 3, allowed: 3 },
      reason: 'intensity-exceeded',
    });
    await world.ok('restart', 'hopeless');
    const second = await world.untilJob(
      'hopeless',
      (job) => job.phase === 'quarantined' && job.incarnation > 4,
    );
    expect(second.incarnation).toBe(8);
    expect(second.restarts.inPeriod).toBe(3);
    const ends = await eventsOf(world, 'hopeless', 'run.ended');
    expect(ends.map((event) => event.incarnation)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('of one job harms no other', async () => {
    const world = await worldWith({ hopeless, healthy: { command: child('echo.js'), ready: 'message' } });
    const { pid } = await world.untilJob('healthy', (job) => job.ready);
    await world.untilPhase('hopeless', 'quarantined');
    expect(await world.job('healthy')).toMatchObject({ pid, incarnation: 1, restarts: { total: 0 } });
    expect(isAlive(pid as number)).toBe(true);
    expect(await world.ok('send', 'healthy', '"still there"', '--wait', '20s')).toBe('still there\n');
  });
});

describe('ready and exit at the same instant', () => {
  it('count as both', async () => {
    const world = await worldWith({ brief: { command: child('exit-after-ready.js', 0), ready: 'message' } });
    await world.untilPhase('brief', 'completed');
    const types = (await world.events()).map((event) => event.type);
    expect(types.filter((type) => type === 'ready.reported')).toHaveLength(1);
    expect(types.indexOf('ready.reported')).toBeLessThan(types.indexOf('job.completed'));
  });
});

describe('dependencies', () => {
  it('hold a job back until what it needs is ready, and for good when that has failed', async () => {
    const world = await worldWith({
      base: { command: child('exit-with.js', 0, 300), ready: 'message' },
      after: { command: child('echo.js'), dependsOn: { base: 'completed' } },
      beside: { command: child('echo.js'), dependsOn: { base: 'ready' } },
      broken: { command: child('exit-with.js', 5), restart: 'never' },
      never: { command: child('echo.js'), dependsOn: { broken: 'completed' } },
    });
    await world.untilPhase('after', 'running');
    await world.untilPhase('beside', 'running');
    const at = new Map(
      (await world.events()).map((event) => [`${event.type} ${'job' in event ? event.job : ''}`, event.seq]),
    );
    expect(at.get('run.dispatched after')).toBeGreaterThan(at.get('job.completed base')!);
    expect(at.get('run.dispatched beside')).toBeGreaterThan(at.get('ready.reported base')!);
    await world.untilPhase('broken', 'failed');
    expect(await world.job('never')).toMatchObject({
      phase: 'pending',
      reason: 'dependency-failed',
      detail: 'broken',
      pid: null,
    });
  });
});
