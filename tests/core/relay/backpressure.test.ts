import { beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/core/limits.ts';
import { createRig, message, type Rig, without } from './rig.ts';

let rig: Rig;
beforeEach(() => {
  rig = createRig();
  for (const job of ['a', 'b', 'c']) rig.start(job);
  rig.start('full', { capacity: 2 });
  rig.reach('full', 'waiting');
});

function fill(): void {
  rig.send('c', 'full', 'c1');
  rig.send('c', 'full', 'c2');
}

const paused = (job: string) => ({ type: 'reading.paused', job, incarnation: 1 });
const resumed = (job: string) => ({ type: 'reading.resumed', job, incarnation: 1 });

describe('overflow block', () => {
  it('holds the message, pauses the sender and tells it once', () => {
    fill();
    expect(without(rig.send('a', 'full', 'a1', { id: 'x' }))).toEqual([paused('a')]);
    expect(rig.lines('a')).toEqual([
      { type: 'pressure', resource: 'mailbox', to: 'full', depth: 2, capacity: 2 },
    ]);
    expect(rig.counters('full')).toMatchObject({ depth: 2, accepted: 2 });
  });

  it('still delivers to a blocked sender', () => {
    fill();
    rig.send('a', 'full', 'a1');
    rig.send('b', 'a', 'hi');
    expect(rig.bodies('a')).toEqual(['hi']);
  });

  it('lets blocked senders in as they came, one for each place', () => {
    fill();
    rig.send('b', 'full', 'b1', { id: 'y' });
    rig.send('a', 'full', 'a1');
    rig.reach('full', 'delivering');
    expect(rig.bodies('full')).toEqual(['c1', 'c2']);
    rig.lines('b');
    const line = '{"type":"message","delivery":1,"from":"c","to":"full","body":"c1"}\n'.length;
    expect(without(rig.take('full', line))).toEqual([resumed('b')]);
    expect(rig.lines('b')).toEqual([{ type: 'receipt', id: 'y', status: 'accepted', depth: 2 }]);
    expect(without(rig.take('full', line))).toEqual([resumed('a')]);
    expect(rig.bodies('full')).toEqual(['b1', 'a1']);
  });

  it('keeps what had left the socket behind the held message, in order', () => {
    fill();
    rig.send('a', 'full', 'a1');
    expect(rig.frame('a', { kind: 'ready' })).toEqual([]);
    expect(rig.send('a', 'b', 'later')).toEqual([]);
    expect(rig.send('a', 'full', 'a2')).toEqual([]);
    expect(rig.send('a', 'full', 'a3')).toEqual([]);
    rig.reach('full', 'delivering');
    expect(without(rig.take('full'))).toEqual([
      { type: 'child.reported', job: 'a', incarnation: 1, report: { kind: 'ready' } },
    ]);
    expect(rig.bodies('b')).toEqual(['later']);
    expect(without(rig.take('full'))).toEqual([resumed('a')]);
    expect(rig.bodies('full')).toEqual(['c1', 'c2', 'a1', 'a2', 'a3']);
  });

  it('nobody overtakes a waiting sender', () => {
    rig.start('big', { capacity: 1000 });
    rig.reach('big', 'waiting');
    const large = 'x'.repeat(200 * 1024);
    while (rig.counters('big').bytes + 250 * 1024 < LIMITS.mailboxMaxBytes) rig.send('c', 'big', large);
    while (rig.counters('big').bytes + 8192 < LIMITS.mailboxMaxBytes) rig.send('c', 'big', 'y'.repeat(4096));
    expect(without(rig.send('a', 'big', large))).toEqual([paused('a')]);
    expect(without(rig.send('b', 'big', 'small'))).toEqual([paused('b')]);
    expect(rig.counters('big').bytes).toBeLessThanOrEqual(LIMITS.mailboxMaxBytes);
  });

  it('tells of pressure again only after the mailbox was half empty', () => {
    fill();
    rig.send('a', 'full', 'a1');
    rig.reach('full', 'delivering');
    const pressures = (): number => rig.lines('a').filter((line) => line.type === 'pressure').length;
    expect(pressures()).toBe(1);
    rig.take('full', 67);
    rig.send('a', 'full', 'a2');
    expect(pressures()).toBe(0);
    rig.take('full');
    rig.take('full');
    rig.reach('full', 'waiting');
    fill();
    rig.send('a', 'full', 'a3');
    expect(pressures()).toBe(1);
  });

  it.each(['stopped', 'quarantined'] as const)('ends when the receiver is %s', (state) => {
    fill();
    rig.send('a', 'full', 1, { id: 'x' });
    rig.lines('a');
    expect(without(rig.reach('full', state), 'message.dead-lettered')).toEqual([resumed('a')]);
    expect(rig.lines('a')).toEqual([
      { type: 'receipt', id: 'x', status: 'rejected', reason: state, depth: 0 },
    ]);
  });

  it('ends when the receiver is removed, or may hold more, or takes no more waiting', () => {
    fill();
    rig.send('a', 'full', 1);
    rig.send('b', 'full', 1);
    expect(without(rig.add('full', { capacity: 3 }))).toEqual([resumed('a')]);
    expect(without(rig.add('full', { capacity: 3, overflow: 'reject' }))).toMatchObject([
      { type: 'message.dead-lettered', reason: 'mailbox-full', accepted: false },
      resumed('b'),
    ]);
    rig.add('full', { capacity: 3 });
    rig.send('b', 'full', 2);
    const effects = without(rig.step({ type: 'job.removed', job: 'full' }), 'run.settled');
    expect(effects.slice(0, 3)).toMatchObject(Array(3).fill({ reason: 'no-such-job', accepted: true }));
    expect(effects.slice(3)).toMatchObject([{ reason: 'no-such-job', accepted: false }, resumed('b')]);
  });
});

describe('a blocked sender whose run ends', () => {
  it('has its message accepted later, before what its next run sends', () => {
    fill();
    rig.send('a', 'full', 'old', { id: 'x' });
    rig.end('a');
    rig.open('a');
    expect(without(rig.send('a', 'full', 'new'))).toEqual([{ ...paused('a'), incarnation: 2 }]);
    rig.lines('a');
    rig.reach('full', 'delivering');
    rig.take('full');
    rig.take('full');
    expect(rig.bodies('full')).toEqual(['c1', 'c2', 'old', 'new']);
    expect(rig.lines('a')).toEqual([]);
  });

  it('leaves at most one such message, so a crash loop cannot pile them up', () => {
    fill();
    rig.send('a', 'full', 'first');
    rig.end('a');
    rig.open('a');
    rig.send('a', 'full', 'second');
    expect(without(rig.end('a'), 'run.settled')).toMatchObject([
      { type: 'message.dead-lettered', reason: 'mailbox-full', accepted: false },
    ]);
    rig.reach('full', 'delivering');
    rig.take('full');
    expect(rig.bodies('full')).toEqual(['c1', 'c2', 'first']);
    rig.open('a');
    rig.send('a', 'full', 'third');
    expect(rig.bodies('full')).toEqual(['third']);
  });

  it('to everybody, has it on its way to each target before what its next run sends', () => {
    fill();
    rig.start('last', { capacity: 1 });
    rig.reach('last', 'waiting');
    rig.send('b', 'last', 'b1');
    rig.send('a', '*', 'old');
    rig.start('later');
    rig.end('a');
    rig.open('a');
    rig.send('a', 'last', 'new');
    rig.reach('last', 'delivering');
    for (let count = 0; count < 3; count += 1) rig.take('last');
    expect(rig.bodies('last')).toEqual(['b1', 'old', 'new']);
    expect(rig.relay.stations.get('a')?.orphans.size).toBe(1);
    rig.reach('full', 'stopped');
    expect(rig.relay.stations.get('a')?.orphans.size).toBe(0);
  });

  it('and whose job is removed is forgotten', () => {
    fill();
    rig.send('a', 'full', 'old');
    rig.send('b', 'full', 'b1');
    expect(without(rig.step({ type: 'job.removed', job: 'a' }), 'run.settled')).toMatchObject([
      { type: 'message.dead-lettered', from: 'a', reason: 'mailbox-full', accepted: false },
    ]);
    rig.reach('full', 'delivering');
    rig.take('full');
    expect(rig.bodies('full')).toEqual(['c1', 'c2', 'b1']);
  });
});

describe('cycles', () => {
  const cycle = { type: 'receipt', id: 'x', status: 'rejected', reason: 'cycle', depth: 3 };

  /** Jobs that run, whose credit is used up by one large message each and whose mailboxes are then full. */
  function congest(...jobs: string[]): void {
    for (const job of jobs)
      for (let count = 0; count < 3; count += 1) rig.send('full', job, 'x'.repeat(20_000));
    for (const job of jobs) expect(rig.counters(job)).toMatchObject({ inFlight: 1, depth: 2 });
  }

  it('of one: its own full mailbox', () => {
    congest('a');
    expect(without(rig.send('a', 'a', 1, { id: 'x' }))).toMatchObject([{ reason: 'mailbox-full' }]);
    expect(rig.lines('a').at(-1)).toEqual(cycle);
  });

  it('of two and of three are broken by the one that would close them', () => {
    congest('a', 'b', 'c');
    expect(without(rig.send('a', 'b', 'a1'))).toEqual([paused('a')]);
    rig.lines('b');
    rig.send('b', 'a', 'b1', { id: 'x' });
    expect(rig.lines('b')).toEqual([cycle]);
    expect(without(rig.send('b', 'c', 'b2'))).toEqual([paused('b')]);
    rig.lines('c');
    expect(without(rig.send('c', 'a', 'c1'))).toMatchObject([{ reason: 'mailbox-full', accepted: false }]);
    expect(rig.lines('c')).toMatchObject([{ type: 'error', code: 'SUPERVISE_MESSAGE_CYCLE' }]);
    // The one that was turned away makes the others go on.
    rig.take('c');
    rig.take('b');
    expect(rig.relay.stations.get('a')?.channel?.held).toBeNull();
    expect(rig.relay.stations.get('b')?.channel?.held).toBeNull();
  });

  it('through a message to everybody, at its second target', () => {
    congest('a', 'b');
    rig.send('b', 'a', 'b1');
    // Full, congested targets in order: b (blocked on a) closes a cycle, c has room.
    rig.send('a', '*', 'all', { id: 'x' });
    expect(rig.bodies('c')).toEqual(['all']);
    expect(rig.lines('a').filter((line) => line.type === 'receipt')).toEqual([
      { type: 'receipt', id: 'x', status: 'accepted', reason: 'waiting', depth: 3 },
    ]);
  });

  it('are none when a receiver merely waits to run', () => {
    congest('a');
    fill();
    rig.send('a', 'full', 1);
    expect(without(rig.send('b', 'a', 1))).toEqual([paused('b')]);
  });

  it('are none when the message in the way is of a run that has ended', () => {
    congest('a', 'b');
    rig.send('a', 'b', 'a1');
    rig.end('a');
    expect(without(rig.send('b', 'a', 'b1', { id: 'x' }))).toEqual([]);
    expect(rig.counters('a').depth).toBe(3);
    expect(without(rig.send('b', 'a', 'b2', { id: 'y' }))).toEqual([paused('b')]);
  });
});

describe('overflow reject', () => {
  it('answers an id with a receipt and nobody else with anything', () => {
    rig.add('full', { capacity: 2, overflow: 'reject' });
    fill();
    expect(without(rig.send('a', 'full', 1))).toMatchObject([{ reason: 'mailbox-full', accepted: false }]);
    expect(rig.lines('a')).toEqual([]);
    rig.send('a', 'full', 1, { id: 'x' });
    expect(rig.lines('a')).toEqual([
      { type: 'receipt', id: 'x', status: 'rejected', reason: 'mailbox-full', depth: 2 },
    ]);
    expect(rig.counters('full')).toMatchObject({ accepted: 2, rejected: 2, depth: 2 });
  });
});

describe('overflow drop-oldest', () => {
  beforeEach(() => {
    rig.add('full', { capacity: 2, overflow: 'drop-oldest' });
  });

  it('gives up the oldest', () => {
    rig.send('c', 'full', 1, { id: 'x' });
    rig.send('c', 'full', 2);
    rig.lines('c');
    expect(without(rig.send('a', 'full', 3))).toMatchObject([
      { from: 'c', reason: 'mailbox-full', accepted: true, id: 'x' },
    ]);
    expect(rig.lines('c')).toEqual([
      { type: 'receipt', id: 'x', status: 'dead-lettered', reason: 'mailbox-full', depth: 1 },
    ]);
    rig.reach('full', 'delivering');
    expect(rig.bodies('full')).toEqual([2, 3]);
  });

  it('never what is on its way, and never the newest', () => {
    rig.add('full', { capacity: 1, overflow: 'drop-oldest' });
    rig.reach('full', 'delivering');
    rig.hello('full');
    for (const body of [1, 2, 3]) rig.send('a', 'full', 'x'.repeat(20_000) + body);
    expect(rig.counters('full')).toMatchObject({ inFlight: 1, depth: 1, deadLettered: 1 });
    expect(without(rig.end('full'))).toMatchObject([
      { type: 'run.settled', inFlight: 1, requeued: 1 },
      // Back in the mailbox, the message that was on its way is the oldest.
      { type: 'message.dead-lettered', reason: 'mailbox-full' },
    ]);
    rig.open('full');
    expect(rig.bodies('full').at(-1)).toMatch(/3$/);
  });

  it('makes room in bytes, and for a smaller capacity', () => {
    rig.add('full', { capacity: 100, overflow: 'drop-oldest' });
    for (let count = 0; count < 80; count += 1) rig.send('a', 'full', 'x'.repeat(250 * 1024));
    expect(rig.counters('full').bytes).toBeLessThanOrEqual(LIMITS.mailboxMaxBytes);
    expect(rig.counters('full').deadLettered).toBeGreaterThan(0);
    rig.add('full', { capacity: 2, overflow: 'drop-oldest' });
    expect(rig.counters('full').depth).toBe(2);
  });
});

describe('the relay as a whole', () => {
  const large = 'x'.repeat(250 * 1024);
  // Made once: turning it into JSON for every message would take most of the time.
  const frame = message('', large);

  function sendLarge(job: string, to: string): void {
    if (frame.kind === 'message') rig.frame(job, { ...frame, to });
  }

  function fillRelay(mailboxes: number): void {
    for (let box = 0; box < mailboxes; box += 1) {
      rig.add(`m${box}`, { capacity: 1000 });
      while (rig.relay.totalBytes + 251 * 1024 < LIMITS.relayMaxBytes) {
        if (rig.counters(`m${box}`).bytes + 251 * 1024 > LIMITS.mailboxMaxBytes) break;
        sendLarge('c', `m${box}`);
      }
    }
  }

  it('is bounded in bytes; who finds it full waits for room anywhere', () => {
    fillRelay(10);
    rig.add('empty');
    expect(without(rig.send('a', 'empty', large))).toEqual([paused('a')]);
    expect(
      without(rig.step({ type: 'operator.sent', to: 'empty', body: `"${large}"`, id: 'o' })),
    ).toMatchObject([{ reason: 'mailbox-full' }, { status: 'rejected', reason: 'mailbox-full', depth: 0 }]);
    expect(without(rig.reach('m3', 'stopped'), 'message.dead-lettered')).toEqual([resumed('a')]);
    expect(rig.counters('empty').accepted).toBe(1);
    expect(rig.relay.starved.size).toBe(0);
    expect(rig.relay.totalBytes).toBeLessThanOrEqual(LIMITS.relayMaxBytes);
  });

  it('drops its own oldest, or turns away, when others fill it', () => {
    fillRelay(10);
    rig.add('latest', { overflow: 'drop-oldest' });
    rig.send('a', 'latest', large, { id: 'x' });
    expect(rig.lines('a')).toMatchObject([{ status: 'rejected', reason: 'mailbox-full' }]);
    const [freed] = rig.reach('m0', 'stopped');
    expect(freed).toMatchObject({ type: 'message.dead-lettered' });
    while (rig.counters('latest').deadLettered === 0) sendLarge('a', 'latest');
    expect(rig.counters('latest').depth).toBe(3);
  });

  describe('full of what was sent to senders that wait for room in it', () => {
    const jobs = Array.from({ length: 9 }, (_, index) => `j${index}`);
    beforeEach(() => {
      rig.add('empty', { capacity: 100 });
      rig.add('other');
      for (const job of jobs) {
        rig.add(job, { capacity: 1000 });
        rig.open(job);
      }
    });

    function fillTo(bytes: number, job: string): void {
      while (
        rig.relay.totalBytes + 251 * 1024 < bytes &&
        rig.counters(job).bytes + 251 * 1024 < LIMITS.mailboxMaxBytes
      ) {
        sendLarge('c', job);
      }
    }

    it('turns away the one that would leave nobody to make room', () => {
      for (const job of jobs) fillTo(LIMITS.relayMaxBytes, job);
      for (const job of jobs.slice(0, -1)) {
        expect(without(rig.send(job, 'empty', large))).toEqual([paused(job)]);
      }
      rig.send('j8', 'empty', large, { id: 'x' });
      expect(rig.lines('j8')).toEqual([
        { type: 'receipt', id: 'x', status: 'rejected', reason: 'cycle', depth: 0 },
      ]);
    });

    it('turns away the first in line when the last who could make room has made too little', () => {
      rig.send('c', 'other', 1);
      for (const job of jobs) fillTo(LIMITS.relayMaxBytes, job);
      for (const job of jobs) {
        expect(without(rig.send(job, 'empty', large, { id: 'x' }))).toEqual([paused(job)]);
      }
      rig.lines('j0');
      expect(without(rig.reach('other', 'stopped'), 'message.dead-lettered')).toEqual([resumed('j0')]);
      expect(rig.lines('j0')).toMatchObject([{ status: 'rejected', reason: 'cycle' }]);
    });
  });
});

describe('a child that takes nothing', () => {
  it('is not read while too many receipts wait for it, and read again at half of that', () => {
    rig.add('b', { capacity: 1000 });
    let effects = rig.send('a', 'b', 1, { id: 'first' });
    rig.take('b');
    let sent = 1;
    while (without(effects).length === 0) {
      effects = rig.send('a', 'b', 1, { id: `${sent}` });
      sent += 1;
      if (without(effects).length === 0) effects = rig.take('b');
    }
    expect(without(effects)).toEqual([paused('a')]);
    expect(rig.unwrittenBytes('a')).toBeLessThan(LIMITS.controlMaxBytes + 1000);
    // Nothing it sends is dealt with, so nothing more comes of it.
    const before = rig.unwrittenBytes('a');
    for (let count = 0; count < 100; count += 1) rig.send('a', 'b', 1, { id: 'late' });
    expect(rig.unwrittenBytes('a')).toBe(before);
    expect(without(rig.take('a', before - LIMITS.controlMaxBytes / 2 - 1))).toEqual([]);
    expect(without(rig.take('a', 1000)).at(-1)).toEqual(resumed('a'));
    expect(rig.lines('a').filter((line) => line.id === 'late').length).toBeGreaterThan(0);
  });

  it('loses hints, counted, and is still read', () => {
    for (let count = 0; count < 2000; count += 1) expect(without(rig.send('a', 'nobody', 1))).toHaveLength(1);
    expect(rig.unwrittenBytes('a')).toBeLessThanOrEqual(LIMITS.controlMaxBytes);
    expect(rig.counters('a').hintsDropped).toBeGreaterThan(0);
    rig.step({ type: 'pressure.raised', ...rig.run('a'), resource: 'memory', fields: [] });
    rig.lines('a');
    rig.take('a');
    rig.step({
      type: 'pressure.raised',
      ...rig.run('a'),
      resource: 'memory',
      fields: [
        ['rssBytes', 5],
        ['maxBytes', null],
      ],
    });
    expect(rig.lines('a')).toEqual([{ type: 'pressure', resource: 'memory', rssBytes: 5, maxBytes: null }]);
  });
});
