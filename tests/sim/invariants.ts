/** What must hold after every step, whatever happened. */
import { expect } from 'vitest';
import { evolve } from '../../src/core/evolve.ts';
import { restartsInPeriod } from '../../src/core/restart/intensity.ts';
import { allJobs, type JobState, type State } from '../../src/core/state.ts';
import type { Decision } from '../../src/core/supervisor.ts';

/** Invariants of the state after a decision, and of the step from `before`. */
export function checkState(before: State, decision: Decision, nowMs: number): void {
  const state = decision.next;
  expect(decision.events.reduce(evolve, before), 'next is the fold of the events').toEqual(state);
  const jobs = Array.from(allJobs(state));
  checkSlots(before, state, jobs);
  for (const job of jobs) {
    expect(state.names.get(job.spec.name), 'names lead to their jobs').toBe(job.index);
    checkRestarts(job, nowMs);
    const { runningMs, readyMs, blockedMs } = job.times;
    expect(runningMs + readyMs + blockedMs, 'time spent fits into time passed').toBeLessThanOrEqual(
      nowMs - job.times.admittedAtMs,
    );
  }
  checkNoIdleSlot(state, jobs);
}

function checkSlots(before: State, state: State, jobs: readonly JobState[]): void {
  const taken = jobs.flatMap(({ phase }) => ('slot' in phase && phase.slot !== null ? [phase.slot] : []));
  expect(new Set(taken).size, 'a slot has one holder').toBe(taken.length);
  const computing = jobs.filter(({ phase }) => phase.kind === 'starting' || phase.kind === 'running').length;
  // A smaller budget and a stop of something suspended exceed it until the preempted are seen to stop; nothing
  // new is dispatched meanwhile.
  const was = Array.from(allJobs(before)).filter(
    ({ phase }) => phase.kind === 'starting' || phase.kind === 'running',
  ).length;
  expect(computing, 'slots in use within the budget').toBeLessThanOrEqual(
    Math.max(state.settings.workers, was),
  );
}

function checkNoIdleSlot(state: State, jobs: readonly JobState[]): void {
  if (state.stopRequestedAtMs !== null) return;
  const holding = jobs.filter(
    ({ phase }) => phase.kind === 'starting' || phase.kind === 'running' || phase.kind === 'stopping',
  ).length;
  const waiting = jobs.filter(
    ({ phase }) =>
      (phase.kind === 'suspended' && phase.by === 'scheduler') ||
      // Restarts may be held back by the pacing across all jobs.
      (phase.kind === 'ready' && !phase.reason.startsWith('restart-')),
  ).length;
  if (waiting > 0)
    expect(holding, 'no idle slot while something is ready').toBeGreaterThanOrEqual(state.settings.workers);
}

function checkRestarts(job: JobState, nowMs: number): void {
  const { restarts, withinMs } = job.spec.restart.intensity;
  if (restarts === null) return;
  expect(
    restartsInPeriod(job.restarts.recentMs, withinMs, nowMs),
    'restarts within the intensity',
  ).toBeLessThanOrEqual(restarts);
}

/** Orders name the run that is current when they are given. */
export function checkEffects(decision: Decision): void {
  for (const effect of decision.effects) {
    if (effect.type === 'leave' || effect.type === 'sweep') continue;
    const job = Array.from(allJobs(decision.next)).find(({ spec }) => spec.name === effect.run.job);
    expect(job?.incarnation, `${effect.type} names a current run`).toBe(effect.run.incarnation);
  }
}
