/** Arbitrary sequences of what can happen to a relay, over few jobs with small mailboxes. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { MailboxSpec } from '../../src/core/job/spec.ts';
import type { Reachability } from '../../src/core/relay/types.ts';
import { World } from './relay-world.ts';

const NAMES = ['a', 'b', 'r:0', 'r:1', '__proto__'] as const;
const ADDRESSES = [...NAMES, ...NAMES, 'r', 'r', '*', '@operator', 'nobody', 'constructor'] as const;
const TOPICS = ['t', '__proto__'] as const;

function replicaOf(name: string): string | null {
  return name.startsWith('r:') ? 'r' : null;
}

type Command = readonly [title: string, run: (world: World) => void];

const name = fc.constantFrom(...NAMES);
const mailbox: fc.Arbitrary<MailboxSpec> = fc.record({
  capacity: fc.integer({ min: 1, max: 4 }),
  overflow: fc.constantFrom('block', 'block', 'block', 'reject', 'drop-oldest'),
  onRestart: fc.constantFrom('keep', 'keep', 'dead-letter'),
});
const padding = fc.constantFrom(0, 0, 0, 300, 6000, 17_000);

const send = fc
  .record({ job: name, to: fc.constantFrom(...ADDRESSES), id: fc.boolean(), padding, anyway: fc.boolean() })
  .map(
    ({ job, to, ...options }): Command => [
      `${job} sends ${JSON.stringify(options)} to ${to}`,
      (world) => world.send(job, to, options),
    ],
  );

function forJob(title: string, act: (world: World, job: string) => void): fc.Arbitrary<Command> {
  return name.map((job): Command => [`${title} ${job}`, (world) => act(world, job)]);
}

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 40, arbitrary: send },
  {
    weight: 12,
    arbitrary: fc
      .tuple(name, fc.constantFrom(1000, 1000, 1000, 500, 10))
      .map(([job, share]): Command => [`${job} is taken ${share}`, (world) => world.take(job, share)]),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(name, fc.nat(3))
      .map(
        ([job, index]): Command => [`${job} acknowledges ${index}`, (world) => world.acknowledge(job, index)],
      ),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        name,
        fc.constantFrom<Reachability[]>(
          'delivering',
          'delivering',
          'waiting',
          'waiting',
          'stopped',
          'quarantined',
        ),
      )
      .map(([job, state]): Command => [`${job} is ${state}`, (world) => world.reach(job, state)]),
  },
  { weight: 4, arbitrary: forJob('open', (world, job) => world.open(job)) },
  { weight: 4, arbitrary: forJob('end', (world, job) => world.end(job)) },
  { weight: 3, arbitrary: forJob('hello', (world, job) => world.hello(job)) },
  { weight: 1, arbitrary: forJob('refuse', (world, job) => world.refuse(job)) },
  { weight: 2, arbitrary: forJob('stale', (world, job) => world.stale(job)) },
  { weight: 1, arbitrary: forJob('remove', (world, job) => world.remove(job)) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(name, mailbox)
      .map(
        ([job, spec]): Command => [
          `add ${job} ${JSON.stringify(spec)}`,
          (world) => world.add(job, replicaOf(job), spec),
        ],
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(name, fc.constantFrom(...TOPICS), fc.constantFrom('subscribe', 'subscribe', 'unsubscribe'))
      .map(
        ([job, topic, kind]): Command => [
          `${job} ${kind}s ${topic}`,
          (world) => world.write(job, { kind, topic }),
        ],
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(name, fc.constantFrom(...TOPICS), fc.boolean())
      .map(
        ([job, topic, id]): Command => [
          `${job} publishes ${topic}`,
          (world) => world.publish(job, topic, id),
        ],
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(...ADDRESSES)
      .map((to): Command => [`operator sends to ${to}`, (world) => world.operate(to)]),
  },
);

function begin(specs: readonly MailboxSpec[]): World {
  const world = new World();
  NAMES.forEach((job, index) => {
    const spec = specs[index];
    if (spec === undefined) return;
    world.add(job, replicaOf(job), spec);
    world.open(job);
    world.reach(job, 'delivering');
  });
  return world;
}

describe('whatever happens to the relay', () => {
  it('its books balance, its bounds hold, order is kept, and in the end every sender goes on', () => {
    const printable = fc.array(
      command.map(([title, run]) => Object.assign(run, { [fc.toStringMethod]: () => title })),
      {
        maxLength: 300, size: "max",
      },
    );
    fc.assert(
      fc.property(fc.array(mailbox, { minLength: 5, maxLength: 5 }), printable, (specs, commands) => {
        const world = begin(specs);
        for (const run of commands) {
          run(world);
          world.catchUp();
          world.advance(50);
        }
        world.drain();
      }),
      { numRuns: 40000 },
    );
  }, 600_000);

  it('senders that flood each other through the smallest mailboxes never stand still', () => {
    const spec = (overflow: 'block' | 'reject'): MailboxSpec => ({
      capacity: 1,
      overflow,
      onRestart: 'keep',
    });
    const hop = fc.record({
      job: name,
      to: fc.constantFrom(...NAMES, '*'),
      taken: fc.constantFrom<(string | null)[]>(null, null, null, ...NAMES),
    });
    fc.assert(
      fc.property(fc.array(hop, { minLength: 10, maxLength: 200 }), fc.boolean(), (hops, acknowledges) => {
        const world = begin(NAMES.map(() => spec('block')));
        if (acknowledges) for (const job of NAMES) world.hello(job);
        for (const { job, to, taken } of hops) {
          world.send(job, to, { id: true, padding: 17_000, anyway: false });
          if (taken !== null) world.take(taken, 1000);
          world.catchUp();
          const blocked = [...world.jobs.values()].filter(({ run }) => run?.reading === false);
          if (blocked.length === NAMES.length) throw new Error('everybody waits for everybody');
        }
        world.drain();
      }),
      { numRuns: 500 },
    );
  }, 600_000);
});
