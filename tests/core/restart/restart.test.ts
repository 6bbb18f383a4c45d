import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/core/event.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { backoffDelay } from '../../../src/core/restart/backoff.ts';
import { mayRestart, restartsInPeriod } from '../../../src/core/restart/intensity.ts';
import { nextTokenAtMs, restartsAllowed, spendToken } from '../../../src/core/restart/pacing.ts';
import { findJob } from '../../../src/core/state.ts';
import { job, restart } from '../../sim/specs.ts';
import { createWorld, type World } from '../../sim/world.ts';

const plain = { initialMs: 500, factor: 2, maxMs: 30_000, jitter: 0 };

function phaseOf(world: World, name = 'a') {
  return findJob(world.state(), name)?.phase;
}

function ofType<T extends Event['type']>(world: World, type: T): Extract<Event, { type: T }>[] {
  return world.events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
}

describe('backoff', () => {
  it('doubles up to its cap', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => backoffDelay(plain, attempt, 1).delayMs);
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('may be nothing at all', () => {
    expect(backoffDelay({ ...plain, initialMs: 0 }, 9, 1).delayMs).toBe(0);
  });

  it('stays within its jitter, above zero and below what a timer holds, for any attempt', () => {
    fc.assert(
      fc.property(
        fc.record({
          initialMs: fc.integer({ min: 0, max: LIMITS.durationMaxMs }),
          factor: fc.integer({ min: 1, max: 100 }),
          maxMs: fc.integer({ min: 0, max: LIMITS.durationMaxMs }),
          jitter: fc.constantFrom(0, 0.1, 0.5, 1),
        }),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 0xffffffff }),
        (spec, attempt, random) => {
          const base = Math.min(spec.initialMs * spec.factor ** Math.min(attempt - 1, 63), spec.maxMs);
          const { delayMs, random: next } = backoffDelay(spec, attempt, random);
          expect(Number.isSafeInteger(delayMs)).toBe(true);
          expect(delayMs).toBeGreaterThanOrEqual(Math.max(0, Math.floor(base * (1 - spec.jitter)) - 1));
          expect(delayMs).toBeLessThanOrEqual(
            Math.min(LIMITS.timerMaxMs, Math.ceil(base * (1 + spec.jitter))),
          );
          expect(next).not.toBe(0);
        },
      ),
    );
  });
});

describe('intensity', () => {
  const spec = restart({ intensity: { restarts: 3, withinMs: 1000 } });

  it.each([
    { recent: [], at: 0, allowed: true },
    { recent: [0, 1, 2], at: 999, allowed: false },
    { recent: [0, 1, 2], at: 1000, allowed: true },
    { recent: [0, 500, 900], at: 1000, allowed: true },
    { recent: [1, 500, 900], at: 1000, allowed: false },
  ])('with restarts at $recent it is $allowed at $at', ({ recent, at, allowed }) => {
    expect(mayRestart(spec, recent, at)).toBe(allowed);
  });

  it('counts what is inside the window only', () => {
    expect(restartsInPeriod([0, 10, 20, 30], 20, 30)).toBe(2);
  });

  it('gives up after one run and N restarts, with the reason', () => {
    const world = createWorld({
      jobs: [
        [
          job('a', { restart: restart({ intensity: { restarts: 3, withinMs: 60_000 } }) }),
          { burstMs: 10, exitCode: 1 },
        ],
      ],
    });
    world.advance(60_000);
    expect(ofType(world, 'run.spawned')).toHaveLength(4);
    expect(phaseOf(world)).toMatchObject({ kind: 'quarantined', reason: 'intensity-exceeded' });
  });

  it('lets no window of any history contain more restarts than it says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 200, max: 5000 }),
        fc.integer({ min: 0, max: 400 }),
        (restarts, withinMs, burstMs) => {
          const policy = restart({
            intensity: { restarts, withinMs },
            backoff: { initialMs: 100, factor: 1, maxMs: 100, jitter: 0.5 },
          });
          const world = createWorld({ jobs: [[job('a', { restart: policy }), { burstMs, exitCode: 1 }]] });
          world.advance(20_000);
          const starts = ofType(world, 'run.dispatched').filter((event) => event.milliTokens !== null);
          for (const { at } of starts) {
            expect(
              starts.filter((other) => other.at > at - withinMs && other.at <= at).length,
            ).toBeLessThanOrEqual(restarts);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is forgiven when a person restarts it', () => {
    const world = createWorld({
      jobs: [
        [
          job('a', { restart: restart({ intensity: { restarts: 0, withinMs: 60_000 } }) }),
          { burstMs: 10, exitCode: 1 },
        ],
      ],
    });
    world.advance(1000);
    expect(phaseOf(world)?.kind).toBe('quarantined');
    world.post({ type: 'operator.restart', jobs: ['a'] });
    world.advance(0);
    expect(phaseOf(world)?.kind).toBe('running');
    expect(findJob(world.state(), 'a')?.restarts.recentMs).toEqual([]);
  });
});

describe('restart policy', () => {
  it.each([
    { policy: 'on-failure', exitCode: 0, kind: 'completed', reason: 'exited-cleanly' },
    { policy: 'on-failure', exitCode: 1, kind: 'backing-off', reason: 'restart-on-failure' },
    { policy: 'always', exitCode: 0, kind: 'backing-off', reason: 'restart-always' },
    { policy: 'always', exitCode: 1, kind: 'backing-off', reason: 'restart-always' },
    { policy: 'never', exitCode: 0, kind: 'completed', reason: 'exited-cleanly' },
    { policy: 'never', exitCode: 1, kind: 'failed', reason: 'restart-never' },
    { policy: 'always', exitCode: 125, kind: 'failed', reason: 'permanent-exit-code' },
  ] as const)('$policy after exit $exitCode is $kind', ({ policy, exitCode, kind, reason }) => {
    const spec = job('a', { restart: restart({ policy, permanentExitCodes: [125] }) });
    const world = createWorld({ jobs: [[spec, { burstMs: 10, exitCode }]] });
    world.advance(20);
    expect(phaseOf(world)).toMatchObject({ kind, reason });
  });

  it('lengthens the backoff with each failure and forgives after a stable run', () => {
    const policy = restart({
      stableAfterMs: 5000,
      backoff: plain,
      intensity: { restarts: null, withinMs: 1000 },
    });
    const failing = createWorld({ jobs: [[job('a', { restart: policy }), { burstMs: 10, exitCode: 1 }]] });
    failing.advance(4000);
    expect(ofType(failing, 'job.backed-off').map((event) => event.delayMs)).toEqual([500, 1000, 2000, 4000]);
    const stable = createWorld({ jobs: [[job('a', { restart: policy }), { burstMs: 5000, exitCode: 1 }]] });
    stable.advance(20_000);
    expect(ofType(stable, 'job.backed-off').map((event) => event.delayMs)).toEqual([500, 500, 500]);
  });

  it('starts at once when the backoff is nothing', () => {
    const policy = restart({
      backoff: { ...plain, initialMs: 0 },
      intensity: { restarts: null, withinMs: 1000 },
    });
    const world = createWorld({ jobs: [[job('a', { restart: policy }), { burstMs: 100, exitCode: 1 }]] });
    world.advance(350);
    expect(ofType(world, 'run.spawned').map((event) => event.at)).toEqual([0, 100, 200, 300]);
  });
});

describe('a start that fails', () => {
  it('fails the job with the path when it is the job to blame', () => {
    const world = createWorld({ jobs: [[job('a'), { spawnFailures: 1 }]] });
    expect(phaseOf(world)).toMatchObject({ kind: 'failed', reason: 'spawn-failed', detail: 'ENOENT: no' });
  });

  it('is tried again without spending a restart when it is the machine', () => {
    const spec = job('a', { restart: restart({ intensity: { restarts: 0, withinMs: 60_000 } }) });
    const world = createWorld({ jobs: [[spec, { spawnFailures: 3, spawnFault: 'machine' }]] });
    world.advance(10_000);
    expect(phaseOf(world)?.kind).toBe('running');
    expect(findJob(world.state(), 'a')?.restarts.total).toBe(0);
  });
});

describe('pacing across all jobs', () => {
  it('lets a burst through and then a steady rate', () => {
    const full = { milliTokens: LIMITS.restartBurst * 1000, atMs: 0 };
    expect(restartsAllowed(full, 0)).toBe(100);
    const empty = { milliTokens: 0, atMs: 0 };
    expect([restartsAllowed(empty, 19), restartsAllowed(empty, 20), restartsAllowed(empty, 1000)]).toEqual([
      0, 1, 50,
    ]);
    expect(nextTokenAtMs(empty, 0)).toBe(20);
    expect(spendToken(full, 0)).toBe(99_000);
  });

  it('holds a storm of crash loops to its rate while first starts go through', () => {
    const policy = restart({
      backoff: { ...plain, initialMs: 0 },
      intensity: { restarts: null, withinMs: 1000 },
    });
    const jobs = Array.from(
      { length: 20 },
      (_, index) => [job(`j${index}`, { restart: policy }), { burstMs: 1, exitCode: 1 }] as const,
    );
    const world = createWorld({ jobs, settings: { workers: 20 } });
    // The bucket begins to refill with the first restart, 1 ms after the start.
    world.advance(4001);
    const starts = ofType(world, 'run.dispatched');
    expect(starts.filter((event) => event.milliTokens === null)).toHaveLength(20);
    expect(starts.filter((event) => event.milliTokens !== null)).toHaveLength(
      LIMITS.restartBurst + 4 * LIMITS.restartsPerSecond,
    );
  });
});
