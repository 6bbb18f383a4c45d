import { expect, it } from 'vitest';
import { PLAIN } from '../../src/cli/context.ts';
import { renderExplanation } from '../../src/cli/render/explain.ts';
import { PHASE_KINDS } from '../../src/core/job/phase.ts';
import { demoStatus, eventRecord, jobDetail, jobStatus, supervisorStatus } from './support/fixtures.ts';

const demo = (name: string) => demoStatus().jobs.find((job) => job.name === name) ?? jobStatus(name);
const section = (text: string, title: string) =>
  text
    .split('\n\n')
    .find((part) => part.startsWith(title))
    ?.split('\n')
    .slice(1)
    .map((line) => line.trim());

it('tells facts, decisions, the future and the remedies', () => {
  const detail = jobDetail(demo('crash'), {
    decisions: [
      eventRecord({
        type: 'run.ended',
        job: 'crash',
        incarnation: 3,
        cause: 'exited',
        code: 1,
        signal: null,
        leftovers: [77],
        livedMs: 3100,
      }),
      eventRecord(
        {
          type: 'job.backed-off',
          job: 'crash',
          reason: 'restart-on-failure',
          attempt: 3,
          delayMs: 4000,
          untilMs: 304_000,
          random: 1,
        },
        1,
      ),
    ],
  });
  expect(`\n${renderExplanation(detail, PLAIN)}\n`).toMatchInlineSnapshot(`
    "
    crash#1 is backing-off for 12s: it failed and its restart policy says on-failure.

    Facts
      command: node api.js (in /srv, environment PORT)
      its last run ended with exit code 1: it ended by itself
      3 restarts, 2 of at most 5 within 1m; restart policy on-failure
      priority 0, weight 100, not ready
      given a slot 12 times; computed 3.4s, waited 1.2s for slots, slept 0ms
      CPU -, in all -
      memory - (no limit; peak -)
      mailbox 0 of 1024; 0 accepted, 0 delivered; channel open

    Last decisions
      12:00:00.000  #3 ended with exit code 1 after 3.1s: it ended by itself; it left 1 process (pid 77) behind, ended too
      12:00:00.001  waits 4s before restart 3: it failed and its restart policy says on-failure

    What happens next
      it is ready for its next start in 3.2s
      each time it fails it is started again, after 500ms, 1s, 2s …; more than 5 restarts within 1m quarantine it

    What would change it
      supervise restart crash  starts it at once and forgives its failures
      supervise logs crash     what it wrote before it failed
    "
  `);
});

it('a waiting job learns who is ahead, who holds the slots and when its turn comes', () => {
  const detail = jobDetail(demo('compress'), { ahead: ['x', 'y', 'z'], computing: ['api', 'b'] });
  expect(section(renderExplanation(detail, PLAIN), 'What happens next')?.slice(0, 3)).toEqual([
    'ahead of it in the ready queue: x, y and z',
    'the 2 slots are held by api and b',
    'its turn comes within about 200ms, sooner when a job ends or sleeps',
  ]);
});

it('under priority it learns of aging and how to get ahead', () => {
  const supervisor = supervisorStatus({ policy: 'priority' });
  const text = renderExplanation(jobDetail(demo('compress'), { ahead: [], supervisor }), PLAIN);
  expect(section(text, 'What happens next')).toContain('it gains one level of priority for each 2s it waits');
  expect(section(text, 'What would change it')).toEqual([
    'supervise set workers=3                one more slot',
    'supervise set job:compress priority=1  ahead of its equals',
  ]);
});

it('a growing job learns when it hits its limit', () => {
  expect(section(renderExplanation(jobDetail(demo('api')), PLAIN), 'What happens next')).toContain(
    'at its present growth it is above memory.max in 12s; two samples above it end the run',
  );
});

it('a stopping job learns when it is killed', () => {
  const job = jobStatus('api', { phase: 'stopping', reason: 'operator-stop' });
  const asked = eventRecord({
    type: 'run.stop-requested',
    job: 'api',
    incarnation: 1,
    intent: 'operator-stop',
    destination: 'stopped',
    signal: 'SIGTERM',
    killAtMs: 315_000,
  });
  expect(
    section(renderExplanation(jobDetail(job, { decisions: [asked] }), PLAIN), 'What happens next'),
  ).toEqual(['SIGTERM was sent; unless it ends, its whole group gets SIGKILL in 3s (grace 5s)']);
});

it('decisions of an earlier daemon give no age', () => {
  const old = {
    ...eventRecord({ type: 'run.spawned', job: 'api', incarnation: 1, pid: 1, startTime: 1 }),
    epoch: 0,
  };
  const now = eventRecord({ type: 'ready.reported', job: 'api', incarnation: 1 });
  expect(renderExplanation(jobDetail(demo('api'), { decisions: [old, now] }), PLAIN)).toMatch(
    /^api#1 is running \(pid 1234\) in slot 0: it was given a slot\.\n/,
  );
});

it.each(PHASE_KINDS)('%s has a future', (phase) => {
  const text = renderExplanation(jobDetail(jobStatus('api', { phase }), { ahead: [] }), PLAIN);
  expect(section(text, 'What happens next')?.join(' ')).not.toBe('');
  expect(text).not.toMatch(/undefined|null|NaN/);
});
