/**
 * Arbitrary jobs, faults and operator storms on the simulated machine. The invariants are checked by the world
 * after every step; what is added here holds over a whole history.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Event, isDurable } from '../../src/core/event.ts';
import { evolve } from '../../src/core/evolve.ts';
import { isAtRest } from '../../src/core/job/phase.ts';
import { allJobs, EMPTY_STATE, type State } from '../../src/core/state.ts';
import { decide } from '../../src/core/supervisor.ts';
import { job, restart } from '../sim/specs.ts';
import { type Behaviour, createWorld, type World } from '../sim/world.ts';

const NAMES = ['a', 'b', 'c', 'd'] as const;

const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  burstMs: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constant(Number.POSITIVE_INFINITY)),
  exitCode: fc.constantFrom(0, 1, 125),
  ignoresTerm: fc.boolean(),
  spawnFailures: fc.constantFrom(0, 0, 0, 1, 3),
  spawnFault: fc.constantFrom('job', 'machine'),
  leavesChild: fc.boolean(),
  growthBytesPerMs: fc.constantFrom(0, 0, 50_000, 500_000),
  spawnMs: fc.constantFrom(0, 0, 5),
  suspendMs: fc.constantFrom(0, 1, 20),
});

const spec = fc.record({
  priority: fc.integer({ min: -3, max: 3 }),
  preempt: fc.constantFrom(true, true, true, false),
  maxBytes: fc.constantFrom(null, 100_000_000),
  policy: fc.constantFrom('always', 'on-failure', 'never'),
  initialMs: fc.constantFrom(0, 100, 500),
  restarts: fc.constantFrom(null, 0, 1, 5),
  dependsOnFirst: fc.boolean(),
});

const command = fc.oneof(
  fc.record({ kind: fc.constant('advance'), ms: fc.integer({ min: 0, max: 2000 }) }),
  fc.record({
    kind: fc.constantFrom('stop', 'restart', 'suspend', 'resume'),
    name: fc.constantFrom(...NAMES),
  }),
  fc.record({ kind: fc.constant('workers'), workers: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('policy'), policy: fc.constantFrom('round-robin', 'priority') }),
  fc.record({ kind: fc.constant('remove'), name: fc.constantFrom(...NAMES) }),
  fc.record({ kind: fc.constant('add'), name: fc.constantFrom(...NAMES) }),
  fc.record({ kind: fc.constant('yield'), name: fc.constantFrom(...NAMES) }),
  fc.record({
    kind: fc.constant('drift'),
    name: fc.constantFrom(...NAMES),
    found: fc.constantFrom('stopped', 'continued'),
  }),
);

const scenario = fc.record({
  jobs: fc.array(fc.tuple(spec, behaviour), { minLength: 1, maxLength: 4 }),
  workers: fc.integer({ min: 1, max: 3 }),
  policy: fc.constantFrom('round-robin', 'priority'),
  agingMs: fc.constantFrom(null, 300),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  commands: fc.array(command, { maxLength: 25 }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

function specOf(name: string, index: number, made: Scenario['jobs'][number][0]) {
  return job(name, {
    priority: made.priority,
    preempt: made.preempt,
    memory: { highBytes: null, maxBytes: made.maxBytes },
    dependsOn: made.dependsOnFirst && index > 0 ? [{ job: NAMES[0], condition: 'started' }] : [],
    restart: restart({
      policy: made.policy as 'always',
      backoff: { initialMs: made.initialMs, factor: 2, maxMs: 4000, jitter: 0.1 },
      intensity: { restarts: made.restarts, withinMs: 10_000 },
      permanentExitCodes: [125],
    }),
  });
}

function run(made: Scenario): World {
  const jobs = made.jobs.map(
    ([jobSpec, does], index) => [specOf(NAMES[index] as string, index, jobSpec), does] as const,
  );
  const { workers, agingMs, seed } = made;
  const world = createWorld({
    jobs,
    settings: { workers, agingMs, policy: made.policy as 'priority' },
    seed,
  });
  for (const next of made.commands) obey(world, next, jobs);
  return world;
}

/** One command of the script, loosely typed: each kind reads its own fields. */
type Command = { readonly kind: string; readonly [key: string]: unknown };

function obey(
  world: World,
  next: Command,
  jobs: readonly (readonly [ReturnType<typeof specOf>, Behaviour])[],
): void {
  const name = next['name'] as string;
  const incarnation =
    Array.from(allJobs(world.state())).find(({ spec: { name: known } }) => known === name)?.incarnation ?? 0;
  const difference = { added: [], changed: [], removed: [], settings: {} };
  switch (next.kind) {
    case 'advance':
      return world.advance(next['ms'] as number);
    case 'workers':
      return world.post({ type: 'operator.set', settings: { workers: next['workers'] as number } });
    case 'policy':
      return world.post({ type: 'operator.set', settings: { policy: next['policy'] as 'priority' } });
    case 'remove':
      return world.post({ type: 'file.applied', ...difference, removed: [name] });
    case 'add': {
      const known = jobs.find(([{ name: jobName }]) => jobName === name)?.[0];
      return known === undefined
        ? undefined
        : world.post({ type: 'file.applied', ...difference, added: [known] });
    }
    case 'yield':
      return world.post({ type: 'child.yielded', run: { job: name, incarnation } });
    case 'drift':
      return world.post({
        type: 'os.drifted',
        run: { job: name, incarnation },
        found: next['found'] as 'stopped',
      });
    default:
      return world.post({ type: `operator.${next.kind as 'stop'}`, jobs: [name] });
  }
}

describe('any history', () => {
  it('keeps every invariant, and ends when told to stop', () => {
    fc.assert(
      fc.property(scenario, (made) => {
        const world = run(made);
        world.post({ type: 'operator.shutdown', now: false });
        world.advance(60_000);
        expect(world.state().stopped).toBe(true);
        for (const { phase } of allJobs(world.state())) expect(isAtRest(phase)).toBe(true);
        expect(world.processes().filter((process) => !process.over)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('gives each spawned run exactly one end, and no two runs of a job overlap', () => {
    fc.assert(
      fc.property(scenario, (made) => {
        const { events } = run(made);
        const alive = new Set<string>();
        for (const event of events) {
          if (event.type === 'run.spawned') {
            expect(alive.has(event.job)).toBe(false);
            alive.add(event.job);
          }
          if (event.type === 'run.ended') expect(alive.delete(event.job)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is repeated by its inputs, to the last event', () => {
    fc.assert(
      fc.property(scenario, (made) => {
        const world = run(made);
        const [first] = world.events;
        let state = evolve(EMPTY_STATE, first as Event);
        const events = [first as Event];
        for (const { atMs, input } of world.inputs) {
          const decision = decide(state, input, atMs);
          state = decision.next;
          events.push(...decision.events);
        }
        expect(events).toEqual(world.events);
      }),
      { numRuns: 100 },
    );
  });

  it('is the same without the volatile events, but for what they measure', () => {
    fc.assert(
      fc.property(scenario, (made) => {
        const world = run(made);
        const replayed = world.events.filter(isDurable).reduce<State>(evolve, EMPTY_STATE);
        expect(phases(replayed)).toEqual(phases(world.state()));
      }),
      { numRuns: 100 },
    );
  });
});

function phases(state: State): unknown {
  return Array.from(allJobs(state), ({ spec: { name }, phase, incarnation, restarts }) => ({
    name,
    phase,
    incarnation,
    restarts,
  }));
}

describe('round-robin', () => {
  it('lets nobody wait longer than everybody else computes once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 10, max: 300 }),
        (count, workers, quantumMs) => {
          const jobs = Array.from({ length: count }, (_, index) => [job(`j${index}`), {}] as const);
          const world = createWorld({ jobs, settings: { workers, quantumMs } });
          world.advance(quantumMs * count * 4);
          const boundMs = Math.ceil((count - 1) / workers) * quantumMs;
          for (const event of world.events) {
            if (event.type === 'run.resumed' || event.type === 'run.dispatched')
              expect(event.waitedMs).toBeLessThanOrEqual(boundMs);
          }
        },
      ),
    );
  });
});
