import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/core/event.ts';
import { growthOutrunsGrace, hitsMaxInMs, judgeMemory, nextLookMs } from '../../../src/core/memory/policy.ts';
import { findJob, NO_MEMORY } from '../../../src/core/state.ts';
import { job } from '../../sim/specs.ts';
import { createWorld, type World } from '../../sim/world.ts';

const MB = 1_000_000;
const limits = { highBytes: 150 * MB, maxBytes: 200 * MB };
const reading = (rssBytes: number) => ({
  run: { job: 'a', incarnation: 1 },
  rssBytes,
  cpuMs: 0,
  cpuPercent: null,
  processes: 1,
  ageMs: 0,
});

describe('a reading', () => {
  it.each([
    { before: null, now: 100, announce: null, breaches: 0 },
    { before: 100, now: 160, announce: 'above-high', breaches: 0 },
    { before: 160, now: 170, announce: 'above-high', breaches: 0 },
    { before: 190, now: 201, announce: 'above-high', breaches: 1 },
    { before: 190, now: 200, announce: 'above-high', breaches: 0 },
  ])('of $now MB after $before is $breaches breaches, $announce', ({ before, now, announce, breaches }) => {
    const history = before === null ? NO_MEMORY : { ...NO_MEMORY, rssBytes: before * MB, readAtMs: 0 };
    const verdict = judgeMemory(history, limits, reading(now * MB), 250);
    expect(verdict).toMatchObject({ announce, breaches, exceeded: false });
  });

  it('is announced once, and again only after it fell below', () => {
    const told = { ...NO_MEMORY, rssBytes: 160 * MB, readAtMs: 0, announcedAtMs: 0 };
    expect(judgeMemory(told, limits, reading(170 * MB), 250).announce).toBeNull();
    expect(judgeMemory(told, limits, reading(140 * MB), 250).announce).toBe('eased');
  });

  it('ends the run only when it is the second in a row above max', () => {
    const once = { ...NO_MEMORY, rssBytes: 210 * MB, readAtMs: 0, breaches: 1 };
    expect(judgeMemory(once, limits, reading(210 * MB), 20).exceeded).toBe(true);
    expect(judgeMemory(once, limits, reading(199 * MB), 20)).toMatchObject({ exceeded: false, breaches: 0 });
  });

  it('without a limit never ends anything', () => {
    const none = { highBytes: null, maxBytes: null };
    expect(judgeMemory({ ...NO_MEMORY, breaches: 0 }, none, reading(1e12), 20)).toMatchObject({
      exceeded: false,
      announce: null,
    });
  });
});

describe('prediction', () => {
  it.each([
    { rss: 100, slope: 50, hits: 2000, look: 250 },
    { rss: 180, slope: 50, hits: 400, look: 100 },
    { rss: 199, slope: 50, hits: 20, look: 20 },
    { rss: 199, slope: 0, hits: null, look: 250 },
    { rss: 199, slope: -5, hits: null, look: 250 },
    { rss: 250, slope: 5, hits: 0, look: 20 },
  ])('at $rss MB growing $slope MB/s: $hits ms left, look after $look', ({ rss, slope, hits, look }) => {
    expect(hitsMaxInMs(rss * MB, 200 * MB, slope * MB)).toBe(hits);
    const history = { ...NO_MEMORY, rssBytes: rss * MB, slopeBytesPerSecond: slope * MB };
    expect(nextLookMs(history, limits, 250)).toBe(look);
  });

  it('gives no grace to growth that outruns it', () => {
    expect(growthOutrunsGrace(200 * MB, 100 * MB, 5000)).toBe(true);
    expect(growthOutrunsGrace(200 * MB, 1 * MB, 5000)).toBe(false);
    expect(growthOutrunsGrace(200 * MB, null, 5000)).toBe(false);
  });
});

function ofType<T extends Event['type']>(world: World, type: T): Extract<Event, { type: T }>[] {
  return world.events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
}

describe('a leak', () => {
  const leaking = job('a', { memory: { highBytes: 60 * MB, maxBytes: 100 * MB } });

  it('is announced, ended with its cause and numbers, and restarted', () => {
    const world = createWorld({ jobs: [[leaking, { growthBytesPerMs: 20_000 }]] });
    world.advance(6000);
    expect(ofType(world, 'memory.announced')).toHaveLength(1);
    const [exceeded] = ofType(world, 'memory.exceeded');
    expect(exceeded).toMatchObject({ limitBytes: 100 * MB, early: false, slopeBytesPerSecond: 20 * MB });
    // Two looks 20 ms apart, each at the least distance: the overshoot is what it grows meanwhile.
    expect(exceeded?.overshootBytes).toBeLessThanOrEqual(3 * 20 * 20_000);
    expect(ofType(world, 'run.ended')[0]).toMatchObject({ cause: 'memory-max' });
    expect(findJob(world.state(), 'a')).toMatchObject({ incarnation: 2, phase: { kind: 'running' } });
  });

  it('that begins above its limit is quarantined with that explanation after two runs', () => {
    const world = createWorld({ jobs: [[leaking, { startBytes: 150 * MB }]] });
    world.advance(20_000);
    expect(findJob(world.state(), 'a')).toMatchObject({
      incarnation: 2,
      phase: { kind: 'quarantined', reason: 'memory-base-above-max' },
    });
  });

  it('counts early ends only in a row', () => {
    const world = createWorld({ jobs: [[leaking, { startBytes: 150 * MB }]] });
    world.advance(700);
    expect(findJob(world.state(), 'a')).toMatchObject({ incarnation: 1, memory: { earlyBreaches: 1 } });
    world.advance(200);
    expect(findJob(world.state(), 'a')).toMatchObject({ incarnation: 2, phase: { kind: 'running' } });
    world.post({
      type: 'os.exited',
      run: { job: 'a', incarnation: 2 },
      code: 1,
      signal: null,
      scopeEmpty: true,
    });
    expect(findJob(world.state(), 'a')?.memory.earlyBreaches).toBe(0);
  });

  it('of one job leaves the others alone', () => {
    const world = createWorld({
      jobs: [
        [leaking, { growthBytesPerMs: 50_000 }],
        [job('b'), {}],
      ],
      settings: { workers: 2 },
    });
    world.advance(10_000);
    expect(findJob(world.state(), 'b')).toMatchObject({ incarnation: 1, phase: { kind: 'running' } });
  });
});

describe('sampling', () => {
  it('stops when nothing is alive and begins again with the next run', () => {
    const world = createWorld({ jobs: [[job('a'), { burstMs: 3000 }]] });
    world.advance(3000);
    const before = ofType(world, 'sweep.requested').length;
    world.advance(10_000);
    expect(ofType(world, 'sweep.requested').length - before).toBeLessThanOrEqual(1);
    world.post({ type: 'operator.restart', jobs: ['a'] });
    world.advance(2900);
    expect(ofType(world, 'sweep.requested').length - before).toBeGreaterThanOrEqual(2);
  });
});
