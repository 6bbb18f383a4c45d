import { beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/core/limits.ts';
import { leastOutstanding } from '../../../src/core/relay/balance.ts';
import { stepRelay } from '../../../src/core/relay/relay.ts';
import { createRig, message, type Rig, without } from './rig.ts';

let rig: Rig;
beforeEach(() => {
  rig = createRig();
  rig.start('a');
  rig.start('b');
});

function deadLetter(to: string, reason: string, more: object = {}): object {
  return {
    type: 'message.dead-lettered',
    from: 'a',
    to,
    reason,
    bytes: 1,
    id: null,
    accepted: false,
    ...more,
  };
}

describe('a direct message', () => {
  it('is one line, byte for byte, absent fields left out', () => {
    expect(rig.send('a', 'b', 7)).toEqual([
      {
        type: 'write',
        job: 'b',
        incarnation: 1,
        data: '{"type":"message","delivery":1,"from":"a","to":"b","body":7}\n',
      },
    ]);
    expect(rig.frame('a', { ...message('b', { x: '"é' }), id: 'i"\n', inReplyTo: 'r' } as never)).toEqual(
      [
        {
          type: 'write',
          job: 'b',
          incarnation: 1,
          data: '{"type":"message","delivery":2,"from":"a","to":"b","id":"i\\"\\n","inReplyTo":"r","body":{"x":"\\"é"}}\n',
        },
        {
          type: 'write',
          job: 'a',
          incarnation: 1,
          data: '{"type":"receipt","id":"i\\"\\n","status":"accepted","depth":2}\n',
        },
      ].reverse(),
    );
  });

  it('never has its body read', () => {
    const frame = { kind: 'message', to: 'b', body: 'not JSON', id: null, inReplyTo: null } as const;
    const [effect] = stepRelay(rig.relay, { type: 'frame.received', ...rig.run('a'), frame }, 0);
    expect(effect).toMatchObject({ data: expect.stringContaining('"body":not JSON}\n') });
  });

  it('to oneself is delivered', () => {
    rig.send('a', 'a', 'me');
    expect(rig.lines('a')).toEqual([{ type: 'message', delivery: 1, from: 'a', to: 'a', body: 'me' }]);
  });

  it('waits for a job that does not run, and for its channel', () => {
    rig.add('c');
    rig.add('unborn');
    expect(rig.step({ type: 'job.removed', job: 'unborn' })).toEqual([]);
    rig.send('a', 'c', 1);
    rig.reach('c', 'delivering');
    expect(rig.lines('c')).toEqual([]);
    rig.reach('c', 'waiting');
    rig.open('c');
    expect(rig.lines('c')).toEqual([]);
    rig.reach('c', 'delivering');
    expect(rig.bodies('c')).toEqual([1]);
  });

  it.each(['nobody', '__proto__', 'constructor', 'toString', '', '@nobody'])(
    'to %j brings an error',
    (to) => {
      expect(without(rig.send('a', to, 1))).toEqual([deadLetter(to, 'no-such-job')]);
      expect(rig.lines('a')).toEqual([
        { type: 'error', code: 'SUPERVISE_MESSAGE_NO_SUCH_JOB', message: `no job has that name: ${to}` },
      ]);
    },
  );

  it('to a job that is named like a property of every object reaches it', () => {
    rig.start('__proto__');
    rig.send('a', '__proto__', 1);
    expect(rig.bodies('__proto__')).toEqual([1]);
  });

  it('to a very long address keeps little of it', () => {
    const [effect] = without(
      rig.step({ type: 'operator.sent', to: 'x'.repeat(10_000), body: '1', id: null }),
    );
    expect(effect).toMatchObject({ to: `${'x'.repeat(LIMITS.addressMaxLength)}…` });
  });
});

describe('a job at rest', () => {
  it.each(['stopped', 'quarantined'] as const)('that is %s takes nothing and loses what waited', (state) => {
    rig.reach('b', 'waiting');
    rig.send('a', 'b', 1);
    rig.send('a', 'b', 2, { id: 'x' });
    rig.lines('a');
    expect(without(rig.reach('b', state))).toEqual([
      deadLetter('b', state, { accepted: true }),
      deadLetter('b', state, { accepted: true, id: 'x' }),
    ]);
    expect(rig.lines('a')).toEqual([
      { type: 'receipt', id: 'x', status: 'dead-lettered', reason: state, depth: 0 },
    ]);
    expect(without(rig.send('a', 'b', 3))).toEqual([deadLetter('b', state)]);
    expect(rig.lines('a')).toMatchObject([
      { type: 'error', code: `SUPERVISE_MESSAGE_${state.toUpperCase()}` },
    ]);
    rig.send('a', 'b', 3, { id: 'y' });
    expect(rig.lines('a')).toEqual([
      { type: 'receipt', id: 'y', status: 'rejected', reason: state, depth: 0 },
    ]);
    expect(rig.counters('b')).toMatchObject({
      accepted: 2,
      deadLettered: 2,
      rejected: 2,
      depth: 0,
      bytes: 0,
    });
  });

  it('is left out of a message to everybody', () => {
    rig.start('c');
    rig.reach('b', 'stopped');
    expect(without(rig.send('a', '*', 1))).toEqual([]);
    expect(rig.bodies('c')).toEqual([1]);
  });
});

describe('a message to everybody', () => {
  it('reaches all others, the replicas each', () => {
    rig.start('c:0', {}, 'c');
    rig.start('c:1', {}, 'c');
    rig.send('a', '*', 1, { id: 'x' });
    expect(rig.lines('a')).toEqual([{ type: 'receipt', id: 'x', status: 'accepted', depth: 1 }]);
    for (const job of ['b', 'c:0', 'c:1']) {
      expect(rig.lines(job)).toEqual([
        { type: 'message', delivery: 1, from: 'a', to: job, id: 'x', body: 1 },
      ]);
    }
    for (const job of ['b', 'c:0', 'c:1']) {
      expect(rig.lines('a')).toEqual([]);
      rig.take(job);
    }
    expect(rig.lines('a')).toEqual([{ type: 'receipt', id: 'x', status: 'delivered', depth: 0 }]);
  });

  it('is a dead letter when one of its copies is', () => {
    rig.start('c');
    rig.reach('c', 'waiting');
    rig.send('a', '*', 1, { id: 'x' });
    expect(rig.lines('a')).toEqual([
      { type: 'receipt', id: 'x', status: 'accepted', reason: 'waiting', depth: 1 },
    ]);
    rig.reach('c', 'stopped');
    rig.take('b');
    expect(rig.lines('a')).toEqual([
      { type: 'receipt', id: 'x', status: 'dead-lettered', reason: 'stopped', depth: 0 },
    ]);
  });

  it('may be delivered to some before the last has decided', () => {
    rig.start('c', { capacity: 1 });
    rig.reach('c', 'waiting');
    rig.send('b', 'c', 'first');
    rig.send('a', '*', 1, { id: 'x' });
    rig.take('b');
    rig.lines('a');
    rig.reach('c', 'stopped');
    expect(rig.lines('a').map((line) => line.status)).toEqual(['accepted', 'delivered']);
  });

  it('when there is nobody else has no target', () => {
    rig.step({ type: 'job.removed', job: 'b' });
    rig.send('a', '*', 1, { id: 'x' });
    expect(rig.lines('a')).toEqual([{ type: 'receipt', id: 'x', status: 'rejected', reason: 'no-such-job' }]);
  });

  it('goes on where it was held, and its receipt waits for its last target', () => {
    rig.start('c', { capacity: 1 });
    rig.start('d');
    rig.reach('c', 'waiting');
    rig.send('b', 'c', 'first');
    expect(without(rig.send('a', '*', 'all', { id: 'x' }))).toEqual([
      { type: 'reading.paused', job: 'a', incarnation: 1 },
    ]);
    rig.take('b');
    expect(rig.bodies('b')).toEqual(['all']);
    expect(rig.bodies('d')).toEqual([]);
    expect(rig.lines('a')).toMatchObject([{ type: 'pressure' }]);
    rig.reach('c', 'delivering');
    rig.take('c');
    expect(rig.bodies('c')).toEqual(['first', 'all']);
    expect(rig.bodies('d')).toEqual(['all']);
    rig.take('d');
    rig.take('c');
    expect(rig.lines('a').map((line) => line.status)).toEqual(['accepted', 'delivered']);
  });
});

describe('replicas', () => {
  beforeEach(() => {
    for (const job of ['r:0', 'r:1', 'r:2']) rig.start(job, { capacity: 10 }, 'r');
  });

  it('get a message each in turn while none is delivered, and one by its own name', () => {
    for (const body of [1, 2, 3, 4]) rig.send('a', 'r', body);
    rig.send('a', 'r:2', 'own');
    expect(rig.bodies('r:0')).toEqual([1, 4]);
    expect(rig.bodies('r:1')).toEqual([2]);
    expect(rig.bodies('r:2')).toEqual([3, 'own']);
  });

  it('that is least busy is chosen', () => {
    for (const body of [1, 2, 3]) rig.send('a', 'r', body);
    rig.take('r:1');
    rig.send('a', 'r', 4);
    expect(rig.bodies('r:1')).toEqual([2, 4]);
  });

  it('at rest are passed over, until all of them are', () => {
    rig.reach('r:0', 'quarantined');
    rig.reach('r:1', 'stopped');
    rig.send('a', 'r', 1);
    expect(rig.bodies('r:2')).toEqual([1]);
    rig.reach('r:2', 'stopped');
    expect(without(rig.send('a', 'r', 2))).toEqual([deadLetter('r:0', 'quarantined')]);
  });

  it('come and go with scaling, and change their family with the file', () => {
    rig.step({ type: 'job.removed', job: 'r:0' });
    rig.add('r:1', {}, null);
    rig.send('a', 'r', 1);
    expect(rig.bodies('r:2')).toEqual([1]);
    rig.step({ type: 'job.removed', job: 'r:2' });
    expect(without(rig.send('a', 'r', 1))).toEqual([deadLetter('r', 'no-such-job')]);
    rig.add('r:1', {}, 'r');
    rig.send('a', 'r', 2);
    expect(rig.bodies('r:1')).toEqual([2]);
  });

  it('are chosen by a function of candidates', () => {
    expect(leastOutstanding([])).toBeUndefined();
    const candidates = [{ outstanding: 2 }, { outstanding: 1, name: 'x' }, { outstanding: 1 }];
    expect(leastOutstanding(candidates)).toBe(candidates[1]);
  });
});

describe('topics', () => {
  const subscribe = (job: string, topic: string): void => {
    rig.frame(job, { kind: 'subscribe', topic });
  };
  const publish = (job: string, topic: string, body: unknown, id: string | null = null) =>
    rig.frame(job, { kind: 'publish', topic, body: JSON.stringify(body), id });

  it('reach every subscriber once, the publisher too if it is one', () => {
    for (const job of ['b', 'a', 'b']) subscribe(job, '__proto__');
    publish('a', '__proto__', 1);
    const line = { type: 'message', delivery: 1, from: 'a', topic: '__proto__', body: 1 };
    expect(rig.lines('a')).toEqual([{ ...line, to: 'a' }]);
    expect(rig.lines('b')).toEqual([{ ...line, to: 'b' }]);
  });

  it('end with unsubscribe, rest and removal, not with a run', () => {
    for (const job of ['a', 'b']) subscribe(job, 't');
    rig.end('b');
    publish('a', 't', 1);
    expect(rig.counters('b').depth).toBe(1);
    rig.reach('b', 'stopped');
    rig.frame('a', { kind: 'unsubscribe', topic: 't' });
    rig.frame('a', { kind: 'unsubscribe', topic: 't' });
    publish('a', 't', 2, 'x');
    expect(rig.bodies('a')).toEqual([1]);
    expect(rig.relay.subscribers.size).toBe(0);
    subscribe('a', 't');
    rig.step({ type: 'job.removed', job: 'a' });
    expect(rig.relay.subscribers.size).toBe(0);
  });

  it('without a subscriber are silent, or rejected when there is an id', () => {
    expect(publish('a', 't', 1)).toEqual([]);
    expect(without(publish('a', 't', 1, 'x'))).toEqual([]);
    expect(rig.lines('a')).toEqual([
      { type: 'receipt', id: 'x', status: 'rejected', reason: 'no-subscribers' },
    ]);
  });

  it('are bounded per job', () => {
    for (let topic = 0; topic <= LIMITS.topicsPerJob; topic += 1) subscribe('a', `t${topic}`);
    expect(rig.lines('a')).toMatchObject([{ type: 'error', code: 'SUPERVISE_TOPICS_FULL' }]);
    expect(rig.relay.subscribers.size).toBe(LIMITS.topicsPerJob);
  });
});

describe('the operator', () => {
  const sent = (to: string, body: string, id: string | null = 'o') =>
    rig.step({ type: 'operator.sent', to, body, id });

  it('sends, gets receipts and a reply', () => {
    expect(without(sent('b', '1'))).toEqual([
      { type: 'operator.receipt', id: 'o', status: 'accepted', reason: null, depth: 1 },
    ]);
    expect(rig.lines('b')).toEqual([
      { type: 'message', delivery: 1, from: '@operator', to: 'b', id: 'o', body: 1 },
    ]);
    expect(rig.take('b')).toEqual([
      { type: 'operator.receipt', id: 'o', status: 'delivered', reason: null, depth: 0 },
    ]);
    expect(rig.send('b', '@operator', { x: 1 }, { inReplyTo: 'o' })).toEqual([
      { type: 'operator.replied', inReplyTo: 'o', from: 'b', body: '{"x":1}' },
    ]);
  });

  it('answers a reply that asks for receipts', () => {
    rig.send('b', '@operator', 1, { inReplyTo: 'o', id: 'x' });
    expect(rig.lines('b')).toEqual([
      { type: 'receipt', id: 'x', status: 'accepted' },
      { type: 'receipt', id: 'x', status: 'delivered' },
    ]);
  });

  it('is no job: what is no reply is turned away', () => {
    expect(without(rig.send('a', '@operator', 1))).toEqual([deadLetter('@operator', 'no-such-job')]);
    expect(rig.lines('a')).toMatchObject([{ type: 'error' }]);
    expect(without(sent('@operator', '1'))).toMatchObject([
      { reason: 'no-such-job', from: '@operator' },
      { status: 'rejected', reason: 'no-such-job', depth: null },
    ]);
  });

  it('reaches everybody, and without an id hears nothing', () => {
    expect(without(sent('*', '1', null))).toEqual([]);
    expect(rig.bodies('a')).toEqual([1]);
    expect(rig.bodies('b')).toEqual([1]);
  });

  it('is never kept waiting', () => {
    rig.reach('b', 'waiting');
    for (const body of ['1', '2', '3']) sent('b', body, null);
    expect(without(sent('b', '4'))).toMatchObject([
      { type: 'message.dead-lettered', reason: 'mailbox-full' },
      { type: 'operator.receipt', status: 'rejected', reason: 'mailbox-full', depth: 3 },
    ]);
  });

  it('may not send what is too large; one target or many, it is said once', () => {
    const body = `"${'x'.repeat(LIMITS.frameMaxBytes)}"`;
    for (const to of ['b', '*']) {
      expect(without(sent(to, body))).toEqual([
        deadLetter(to, 'too-large', { from: '@operator', bytes: body.length, id: 'o' }),
        { type: 'operator.receipt', id: 'o', status: 'rejected', reason: 'too-large', depth: null },
      ]);
    }
  });
});

describe('what a child says about itself', () => {
  it.each([
    { kind: 'ready' },
    { kind: 'heartbeat' },
    { kind: 'yield' },
    { kind: 'progress', value: 3, total: 10 },
  ] as const)('is passed on: $kind', (report) => {
    expect(rig.frame('a', report)).toEqual([{ type: 'child.reported', job: 'a', incarnation: 1, report }]);
  });
});
