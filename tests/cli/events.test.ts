import { expect, it } from 'vitest';
import { PLAIN } from '../../src/cli/context.ts';
import { noticeOf, renderEvent } from '../../src/cli/render/events.ts';
import { eventRecord } from './support/fixtures.ts';

const run = { job: 'api', incarnation: 2 };

it.each([
  [
    {
      type: 'supervisor.started',
      name: 'demo',
      workers: 1,
      policy: 'fifo',
      quantumMs: 100,
      agingMs: null,
      blocking: 'yield',
      sampleMs: 250,
      seed: 1,
    },
    'supervise     demo started: 1 slot, fifo, quantum 100ms',
  ],
  [
    { type: 'supervisor.configured', settings: { workers: 2, agingMs: null }, reason: 'operator-set' },
    'supervise     settings changed: workers 2, aging off (a person changed a setting)',
  ],
  [
    { type: 'job.pended', job: 'api', reason: 'waiting-for-dependency', waitsFor: 'db' },
    'api           pending: a job it depends on is not there yet, it waits for db',
  ],
  [
    {
      ...run,
      type: 'run.dispatched',
      slot: 1,
      level: 0,
      reason: 'slot-free',
      waitedMs: 120,
      milliTokens: null,
    },
    'api#2         given slot 1 after waiting 120ms: a slot was free',
  ],
  [
    { ...run, type: 'run.suspended', slot: 1, by: 'scheduler', reason: 'quantum-over', seen: false },
    'api#2         suspended by the scheduler: its quantum was over and another job was waiting (not seen in time)',
  ],
  [
    {
      ...run,
      type: 'run.stop-requested',
      intent: 'shutdown',
      destination: 'stopped',
      signal: 'SIGTERM',
      killAtMs: 305_000,
    },
    'api#2         asked to end with SIGTERM, killed in 5s: the supervisor stopped',
  ],
  [
    {
      ...run,
      type: 'run.ended',
      cause: 'memory-max',
      code: null,
      signal: 'SIGKILL',
      leftovers: [7, 8],
      livedMs: 9500,
    },
    'api#2         ended with signal SIGKILL after 9.5s: it was above its memory limit; it left 2 processes (pid 7 and 8) behind, ended too',
  ],
  [
    {
      ...run,
      type: 'memory.exceeded',
      limitBytes: 1e8,
      rssBytes: 1.03e8,
      ageMs: 15,
      slopeBytesPerSecond: 8.5e6,
      overshootBytes: 3e6,
      early: true,
    },
    'api#2         above memory.max: 103MB of 100MB, 3MB too much, growing by 8.5MB a second, read 15ms before, within two seconds of its start',
  ],
  [
    { ...run, type: 'run.spawn-failed', code: 'EAGAIN', message: 'spawn EAGAIN', fault: 'machine' },
    'api#2         could not be started: spawn EAGAIN (EAGAIN; the machine is to blame, no restart is spent)',
  ],
  [
    { type: 'message.dead-lettered', from: 'a\u001b[2J', to: 'b', detail: 'mailbox-full', bytes: 12 },
    'supervise     a message from a\\x1b[2J of 12B became a dead letter: mailbox-full',
  ],
])('%j', (event, line) => {
  expect(renderEvent(eventRecord(event), PLAIN)).toBe(`12:00:00.000  ${line}`);
});

it('run tells ends and trouble, not each turn of the scheduler', () => {
  const suspended = eventRecord({
    ...run,
    type: 'run.suspended',
    slot: 1,
    by: 'scheduler',
    reason: 'quantum-over',
    seen: true,
  });
  const quarantined = eventRecord({ type: 'job.quarantined', job: 'api', reason: 'intensity-exceeded' });
  expect(noticeOf(suspended)).toBeNull();
  expect(noticeOf(quarantined)).toEqual({
    job: 'api',
    text: 'quarantined until a person restarts it: it restarted too often within the period',
  });
});
