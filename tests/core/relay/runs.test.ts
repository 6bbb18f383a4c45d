import { beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/core/limits.ts';
import { relayCounters } from '../../../src/core/relay/relay.ts';
import { createRig, type Rig, without } from './rig.ts';

let rig: Rig;
beforeEach(() => {
  rig = createRig();
  rig.start('a');
  rig.start('b', { capacity: 1000 });
});

const settled = (inFlight: number, requeued: number, deadLettered: number) => ({
  type: 'run.settled',
  job: 'b',
  incarnation: 1,
  inFlight,
  requeued,
  deadLettered,
});

describe('credits', () => {
  const body = 'x'.repeat(5000);

  it('let a window of bytes be in flight, and return as the kernel takes it', () => {
    for (let count = 0; count < 6; count += 1) rig.send('a', 'b', body);
    expect(rig.counters('b')).toMatchObject({ depth: 3, inFlight: 3, delivered: 0 });
    expect(rig.counters('b').inFlightBytes).toBe(rig.unwrittenBytes('b'));
    expect(rig.counters('b').inFlightBytes).toBeLessThanOrEqual(LIMITS.creditBytes);
    const line = rig.unwrittenBytes('b') / 3;
    rig.take('b', line - 1);
    expect(rig.counters('b')).toMatchObject({ delivered: 0, depth: 3 });
    rig.take('b', 1);
    expect(rig.counters('b')).toMatchObject({ delivered: 1, depth: 2, inFlight: 3 });
    rig.take('b');
    rig.take('b');
    expect(rig.counters('b')).toMatchObject({
      delivered: 6,
      depth: 0,
      inFlight: 0,
      inFlightBytes: 0,
      bytes: 0,
    });
  });

  it('count the line, not the body alone', () => {
    rig.send('a', 'b', 'x'.repeat(10_000));
    rig.send('a', 'b', 'x'.repeat(LIMITS.creditBytes - rig.unwrittenBytes('b') - 10));
    expect(rig.counters('b')).toMatchObject({ depth: 1, inFlight: 1 });
    rig.take('b');
    expect(rig.bodies('b')).toHaveLength(2);
  });

  it('let one message that is larger than the window through, alone', () => {
    rig.send('a', 'b', 'x'.repeat(LIMITS.creditBytes));
    rig.send('a', 'b', 1);
    expect(rig.counters('b')).toMatchObject({ depth: 1, inFlight: 1 });
    rig.take('b');
    expect(rig.counters('b')).toMatchObject({ depth: 0, inFlight: 1 });
  });

  it('count bytes, not characters', () => {
    for (const text of [
      'é',
      '€',
      '😀',
      '\ud800',
      '\udc00x',
      '\ud800x',
      '\ud83d\ud83d\ude00',
      'é€😀a'.repeat(50),
    ]) {
      rig.frame('a', { kind: 'message', to: 'b', body: `"${text}"`, id: null, inReplyTo: null });
      expect(rig.counters('b').inFlightBytes).toBe(rig.unwrittenBytes('b'));
      rig.take('b');
    }
  });

  it('stay with a child that acknowledges until it does', () => {
    rig.hello('b');
    for (let count = 0; count < 4; count += 1) rig.send('a', 'b', body);
    rig.take('b');
    expect(rig.counters('b')).toMatchObject({ depth: 1, inFlight: 3, delivered: 0 });
    rig.acknowledge('b', 2);
    expect(rig.counters('b')).toMatchObject({ depth: 0, inFlight: 3, delivered: 1 });
    for (const delivery of [2, 99, -1]) expect(rig.acknowledge('b', delivery)).toEqual([]);
    expect(rig.counters('b').delivered).toBe(1);
  });

  it('may be acknowledged before the kernel says that it took the line', () => {
    rig.hello('b');
    rig.send('a', 'b', 1, { id: 'x' });
    rig.acknowledge('b', 1);
    expect(rig.lines('a').map((line) => line.status)).toEqual(['accepted', 'delivered']);
    expect(rig.take('b')).toEqual([]);
    expect(rig.counters('b')).toMatchObject({ accepted: 1, delivered: 1, inFlight: 0 });
  });
});

describe('when a run ends', () => {
  it('what an acknowledging child has not acknowledged goes back to the head, in order, with its number', () => {
    rig.hello('b');
    for (const body of [1, 2, 3]) rig.send('a', 'b', body, { id: `${body}` });
    rig.take('b');
    rig.acknowledge('b', 2);
    rig.reach('b', 'waiting');
    rig.send('a', 'b', 4);
    rig.lines('b');
    expect(rig.end('b')).toEqual([settled(2, 2, 0)]);
    expect(rig.counters('b')).toMatchObject({ depth: 3, inFlight: 0, delivered: 1 });
    rig.open('b');
    rig.reach('b', 'delivering');
    expect(rig.lines('b').map((line) => [line.delivery, line.body])).toEqual([
      [1, 1],
      [3, 3],
      [4, 4],
    ]);
    expect(rig.lines('a').map((line) => [line.id, line.status])).toEqual([
      ['1', 'accepted'],
      ['2', 'accepted'],
      ['3', 'accepted'],
      ['2', 'delivered'],
    ]);
  });

  it('and onRestart says so, becomes a dead letter; what waits stays', () => {
    rig.add('b', { capacity: 1000, onRestart: 'dead-letter' });
    rig.hello('b');
    rig.send('a', 'b', 1, { id: 'x' });
    rig.reach('b', 'waiting');
    rig.send('a', 'b', 2);
    rig.lines('a');
    expect(without(rig.end('b'))).toMatchObject([
      settled(1, 0, 1),
      { type: 'message.dead-lettered', reason: 'stopped', accepted: true, id: 'x' },
    ]);
    expect(rig.lines('a')).toEqual([
      { type: 'receipt', id: 'x', status: 'dead-lettered', reason: 'stopped', depth: 1 },
    ]);
    expect(rig.counters('b').depth).toBe(1);
  });

  it('what a child that does not acknowledge was being written is a dead letter, what was written is not', () => {
    rig.send('a', 'b', 1);
    rig.take('b');
    rig.send('a', 'b', 2);
    expect(without(rig.end('b'))).toMatchObject([settled(1, 0, 1), { reason: 'stopped', accepted: true }]);
    expect(rig.counters('b')).toMatchObject({ accepted: 2, delivered: 1, deadLettered: 1, inFlightBytes: 0 });
  });

  it.each(['stopped', 'quarantined'] as const)('after the job is %s, nothing goes back', (state) => {
    rig.hello('b');
    rig.send('a', 'b', 1);
    rig.reach('b', state);
    expect(without(rig.end('b'))).toMatchObject([settled(1, 0, 1), { reason: state }]);
  });

  it('by the removal of its job, nothing goes back', () => {
    rig.hello('b');
    rig.send('a', 'b', 1, { id: 'x' });
    rig.lines('a');
    expect(without(rig.step({ type: 'job.removed', job: 'b' }))).toMatchObject([
      settled(1, 0, 1),
      { reason: 'no-such-job', accepted: true },
    ]);
    expect(rig.lines('a')).toMatchObject([{ status: 'dead-lettered', reason: 'no-such-job' }]);
    expect(relayCounters(rig.relay, 'b')).toBeNull();
    expect(rig.relay.totalBytes).toBe(0);
  });

  it('by the coming of the next, as if it had been said', () => {
    rig.hello('b');
    rig.send('a', 'b', 1);
    expect(without(rig.open('b'))).toEqual([settled(1, 1, 0)]);
    expect(rig.counters('b').inFlight).toBe(1);
  });

  it('later news about it changes nothing, nor does news about jobs that are not there', () => {
    rig.send('a', 'b', 1);
    const old = rig.run('b');
    rig.end('b');
    rig.open('b');
    const frame = { kind: 'ready' } as const;
    for (const run of [old, { job: 'b', incarnation: 99 }, { job: 'nobody', incarnation: 1 }]) {
      expect(rig.step({ type: 'run.ended', ...run })).toEqual([]);
      expect(rig.step({ type: 'frame.received', ...run, frame })).toEqual([]);
      expect(rig.step({ type: 'frame.refused', ...run, code: 'X', message: 'x' })).toEqual([]);
      expect(rig.step({ type: 'bytes.written', ...run, bytes: 5 })).toEqual([]);
      expect(rig.step({ type: 'pressure.raised', ...run, resource: 'memory', fields: [] })).toEqual([]);
    }
    expect(rig.step({ type: 'channel.opened', ...old })).toEqual([]);
    expect(rig.step({ type: 'job.removed', job: 'nobody' })).toEqual([]);
    expect(rig.step({ type: 'job.reachable', job: 'nobody', state: 'stopped' })).toEqual([]);
  });
});

describe('a hello', () => {
  it('counts for what was delivered before it; its final receipt was given and is not given again', () => {
    rig.send('a', 'b', 1, { id: 'x' });
    rig.take('b');
    rig.send('a', 'b', 2);
    expect(rig.counters('b')).toMatchObject({ delivered: 1, inFlight: 1 });
    rig.hello('b');
    rig.hello('b');
    expect(rig.counters('b')).toMatchObject({ delivered: 0, inFlight: 2, accepted: 2 });
    expect(rig.end('b')).toEqual([settled(2, 2, 0)]);
    rig.open('b');
    rig.hello('b');
    rig.acknowledge('b', 1);
    expect(rig.lines('a').map((line) => line.status)).toEqual(['accepted', 'delivered']);
    expect(rig.counters('b')).toMatchObject({ delivered: 1, inFlight: 1, accepted: 2 });
  });

  it('may come after the acknowledgements that it announces', () => {
    for (const body of [1, 2]) rig.send('a', 'b', body);
    rig.take('b');
    rig.send('a', 'b', 3);
    for (const delivery of [1, 3, 99]) rig.acknowledge('b', delivery);
    rig.take('b');
    rig.hello('b');
    expect(rig.counters('b')).toMatchObject({ delivered: 2, inFlight: 1 });
    expect(rig.relay.rememberedBytes).toBe(0);
    rig.acknowledge('b', 2);
    expect(rig.counters('b')).toMatchObject({ delivered: 3, inFlight: 0, inFlightBytes: 0 });
  });

  it('that says no ends the remembering; a child that began to acknowledge cannot stop', () => {
    rig.send('a', 'b', 1);
    rig.take('b');
    rig.frame('b', { kind: 'hello', acknowledges: false });
    expect(rig.relay.rememberedBytes).toBe(0);
    expect(rig.acknowledge('b', 1)).toEqual([]);
    rig.hello('b');
    expect(rig.counters('b')).toMatchObject({ delivered: 1, inFlight: 0 });
    rig.frame('b', { kind: 'hello', acknowledges: false });
    rig.send('a', 'b', 2);
    rig.take('b');
    expect(rig.counters('b')).toMatchObject({ delivered: 1, inFlight: 1 });
  });

  it('that does not come costs a bounded memory', () => {
    let most = 0;
    for (let count = 0; count < 2000; count += 1) {
      rig.send('a', 'b', 'x'.repeat(500));
      rig.take('b');
      most = Math.max(most, rig.relay.rememberedBytes);
    }
    expect(most).toBeGreaterThan(LIMITS.helloWindowBytes / 2);
    expect(most).toBeLessThanOrEqual(LIMITS.helloWindowBytes);
    expect(rig.relay.rememberedBytes).toBe(0);
  });

  it('is not waited for by more runs than all together may remember', () => {
    const runs = (2 * LIMITS.helloWindowTotalBytes) / LIMITS.helloWindowBytes;
    for (let run = 0; run < runs; run += 1) {
      rig.start(`r${run}`);
      rig.send('a', `r${run}`, 'x'.repeat(200 * 1024));
      rig.take(`r${run}`);
    }
    expect(rig.relay.rememberedBytes).toBeLessThanOrEqual(LIMITS.helloWindowTotalBytes);
    expect(rig.relay.rememberedBytes).toBeGreaterThan(LIMITS.helloWindowTotalBytes / 2);
    for (let run = 0; run < runs; run += 1) rig.end(`r${run}`);
    expect(rig.relay.rememberedBytes).toBe(0);
  });
});

describe('frames that could not be read', () => {
  const refuse = () =>
    rig.step({ type: 'frame.refused', ...rig.run('b'), code: 'SUPERVISE_FRAME_X', message: 'no' });

  it('bring an error each', () => {
    expect(without(refuse())).toEqual([]);
    expect(rig.lines('b')).toEqual([{ type: 'error', code: 'SUPERVISE_FRAME_X', message: 'no' }]);
  });

  it('close the channel of that run when there are too many in the window, and no other', () => {
    rig.hello('b');
    rig.send('a', 'b', 1);
    for (let count = 1; count < LIMITS.badFramesMax; count += 1) refuse();
    rig.at(LIMITS.badFramesWindowMs - 1);
    expect(refuse().map((effect) => effect.type)).toEqual(['write', 'channel.closed', 'run.settled']);
    expect(rig.send('b', 'a', 1)).toEqual([]);
    expect(rig.send('a', 'b', 2)).toEqual([]);
    expect(rig.counters('b')).toMatchObject({ depth: 2, inFlight: 0 });
    expect(rig.end('b')).toEqual([]);
    rig.lines('b');
    rig.open('b');
    expect(rig.bodies('b')).toEqual([1, 2]);
    expect(without(refuse())).toEqual([]);
  });

  it('spread over a longer time do not', () => {
    for (let count = 0; count < 1000; count += 1) {
      rig.at(count * (LIMITS.badFramesWindowMs / (LIMITS.badFramesMax - 1) + 1));
      expect(without(refuse())).toEqual([]);
      rig.take('b');
    }
  });

  it('of a blocked sender are counted at once', () => {
    rig.add('full', { capacity: 1 });
    rig.send('b', 'full', 1);
    rig.send('b', 'full', 2);
    for (let count = 1; count < LIMITS.badFramesMax; count += 1) refuse();
    expect(refuse().at(-1)).toMatchObject({ type: 'run.settled' });
    expect(rig.relay.stations.get('b')?.orphans.size).toBe(1);
  });
});
