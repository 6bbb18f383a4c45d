import { describe, expect, it } from 'vitest';
import { job } from '../../sim/specs.ts';
import { createWorld, type World } from '../../sim/world.ts';

const burst = (ms: number) => ({ burstMs: ms });

function turnaround(world: World, name: string): number | null {
  const ended = world.events.find((event) => event.type === 'run.ended' && event.job === name);
  return ended?.at ?? null;
}

describe('round-robin', () => {
  it('gives each its quantum in turn', () => {
    const world = createWorld({
      jobs: [
        [job('a'), burst(300)],
        [job('b'), burst(300)],
        [job('c'), burst(200)],
      ],
    });
    world.settle();
    expect(world.gantt(50)).toMatchInlineSnapshot(`
      "a 00....00....00
      b ..00....00....00
      c ....00....00"
    `);
  });

  it('uses two slots at once', () => {
    const world = createWorld({
      jobs: ['a', 'b', 'c', 'd'].map((name) => [job(name), burst(200)] as const),
      settings: { workers: 2 },
    });
    world.settle();
    expect(world.gantt(50)).toMatchInlineSnapshot(`
      "a 00..00
      b 11..11
      c ..00..00
      d ..11..11"
    `);
  });

  // Operating Systems: Three Easy Pieces, chapter 7: three jobs of 5 s, round-robin with a slice of 1 s.
  it('answers the textbook: response 0, 1, 2 and turnaround 13, 14, 15', () => {
    const world = createWorld({
      jobs: ['a', 'b', 'c'].map((name) => [job(name), burst(5000)] as const),
      settings: { quantumMs: 1000 },
    });
    world.settle();
    const dispatched = ['a', 'b', 'c'].map(
      (name) => world.events.find((event) => event.type === 'run.dispatched' && event.job === name)?.at,
    );
    expect(dispatched).toEqual([0, 1000, 2000]);
    expect(['a', 'b', 'c'].map((name) => turnaround(world, name))).toEqual([13_000, 14_000, 15_000]);
  });

  it('does not interrupt a job that is alone', () => {
    const world = createWorld({ jobs: [[job('a'), burst(1000)]] });
    world.settle();
    expect(world.events.filter((event) => event.type === 'run.preempted')).toEqual([]);
  });

  it('leaves a job with preempt false alone until it ends', () => {
    const world = createWorld({
      jobs: [
        [job('a', { preempt: false }), burst(400)],
        [job('b'), burst(200)],
      ],
    });
    world.settle();
    expect(world.gantt(50)).toMatchInlineSnapshot(`
      "a 00000000
      b ........0000"
    `);
  });

  it('holds the budget while a suspension is slow to show', () => {
    const world = createWorld({
      jobs: [
        [job('a'), { burstMs: 300, suspendMs: 15 }],
        [job('b'), { burstMs: 300, suspendMs: 15 }],
      ],
    });
    world.settle();
    const handOvers = world.events.filter(
      (event) => event.type === 'run.suspended' || event.type === 'run.preempted',
    );
    expect(handOvers.map(({ type, at }) => [type, at]).slice(0, 4)).toEqual([
      ['run.preempted', 100],
      ['run.suspended', 115],
      ['run.preempted', 215],
      ['run.suspended', 230],
    ]);
  });
});

describe('priority', () => {
  it('lets the highest compute and equals share', () => {
    const world = createWorld({
      jobs: [
        [job('low'), burst(200)],
        [job('high', { priority: 5 }), burst(200)],
        [job('also', { priority: 5 }), burst(200)],
      ],
      settings: { policy: 'priority' },
    });
    world.settle();
    expect(world.gantt(50)).toMatchInlineSnapshot(`
      "low ........0000
      high 00..00
      also ..00..00"
    `);
  });

  it('starves the low without aging, and says so by never dispatching it', () => {
    const world = createWorld({
      jobs: [
        [job('high', { priority: 1 }), burst(Number.POSITIVE_INFINITY)],
        [job('low'), burst(100)],
      ],
      settings: { policy: 'priority' },
    });
    world.advance(60_000);
    expect(world.computedMs('low')).toBe(0);
  });

  it('bounds starvation by aging: one quantum for each priority difference of waiting', () => {
    const world = createWorld({
      jobs: [
        [job('high', { priority: 2 }), burst(Number.POSITIVE_INFINITY)],
        [job('low'), burst(Number.POSITIVE_INFINITY)],
      ],
      settings: { policy: 'priority', agingMs: 500 },
    });
    world.advance(6000);
    expect(world.gantt(100)).toMatchInlineSnapshot(`
      "high 0000000000.0000000000.0000000000.0000000000.0000000000.00000
      low ..........0..........0..........0..........0..........0....."
    `);
  });

  it('lets aging overtake within a long quantum, at the very instant', () => {
    const world = createWorld({
      jobs: [
        [job('high', { priority: 5 }), burst(Number.POSITIVE_INFINITY)],
        [job('low'), burst(Number.POSITIVE_INFINITY)],
      ],
      settings: { policy: 'priority', agingMs: 1000, quantumMs: 3_600_000, sampleMs: 60_000 },
    });
    world.advance(10_000);
    expect(world.events.find((event) => event.type === 'run.preempted')).toMatchObject({
      job: 'high',
      at: 6000,
    });
  });

  it('takes the slot at once when a higher job arrives', () => {
    const world = createWorld({ jobs: [[job('low'), burst(1000)]], settings: { policy: 'priority' } });
    world.advance(30);
    world.post({
      type: 'file.applied',
      added: [job('high', { priority: 9 })],
      changed: [],
      removed: [],
      settings: {},
    });
    expect(world.events.filter((event) => event.type === 'run.preempted')).toMatchObject([
      { job: 'low', reason: 'higher-priority', at: 30 },
    ]);
  });
});

describe('a budget that changes', () => {
  it('shrinks by preempting and grows by dispatching', () => {
    const world = createWorld({
      jobs: ['a', 'b', 'c'].map((name) => [job(name), burst(Number.POSITIVE_INFINITY)] as const),
      settings: { workers: 3 },
    });
    world.advance(200);
    world.post({ type: 'operator.set', settings: { workers: 1 } });
    world.advance(400);
    world.post({ type: 'operator.set', settings: { workers: 2 } });
    world.advance(400);
    expect(world.gantt(50)).toMatchInlineSnapshot(`
      "a 000000....00..0011..
      b 1111..00....0011..00
      c 2222....00..11..0011"
    `);
  });
});
