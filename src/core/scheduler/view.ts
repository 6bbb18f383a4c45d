/** What the scheduler sees of the state, and how its plan becomes events and effects. */

import { earlier } from '../base/instants.ts';
import { preempt } from '../job/handlers.ts';
import type { LiveRun } from '../job/phase.ts';
import { nextTokenAtMs, restartsAllowed, spendToken } from '../restart/pacing.ts';
import { allJobs, type JobState, type State } from '../state.ts';
import { current, emit, order, type Step } from '../step.ts';
import { type Plan, planSlots, type SchedulerView } from './plan.ts';
import { POLICIES } from './policies.ts';
import type { Candidate, Runner } from './policy.ts';

/** The ready queue in the order of the policy in force: who would be dispatched next. */
export function readyQueue(state: State, nowMs: number): string[] {
  const view = viewOf(state, nowMs);
  const policy = POLICIES[state.settings.policy];
  return view.candidates.toSorted((a, b) => policy.compare(a, b, view)).map((candidate) => candidate.name);
}

/** Dispatches and preempts as the policy plans. */
export function schedule(step: Step): void {
  const plan = planOf(step.state, step.nowMs);
  for (const { name, reason } of plan.preemptions) preempt(step, current(step, name), reason);
  for (const { name, slot, level } of plan.dispatches) dispatch(step, current(step, name), slot, level);
}

/** When the plan could change by time alone, or null. */
export function scheduleRecheckAtMs(state: State, nowMs: number): number | null {
  const paced = isPaced(state, nowMs) ? nextTokenAtMs(state.pacing, nowMs) : null;
  const recheck = planOf(state, nowMs).recheckAtMs;
  return earlier(paced, recheck);
}

function planOf(state: State, nowMs: number): Plan {
  return planSlots(POLICIES[state.settings.policy], viewOf(state, nowMs));
}

function viewOf(state: State, nowMs: number): SchedulerView {
  const { workers, quantumMs, agingMs } = state.settings;
  const candidates: Candidate[] = [];
  const runners: Runner[] = [];
  const taken = new Set<number>();
  let held = 0;
  let tokens = restartsAllowed(state.pacing, nowMs);
  const dispatching = state.stopRequestedAtMs === null;
  for (const job of allJobs(state)) {
    const { phase } = job;
    if ('slot' in phase && phase.slot !== null) taken.add(phase.slot);
    if (phase.kind === 'stopping') held += 1;
    const runner = runnerOf(job);
    if (runner !== null) runners.push(runner);
    const candidate = dispatching ? candidateOf(job) : null;
    if (candidate === null) continue;
    if (isAutomaticRestart(job) && --tokens < 0) continue;
    candidates.push(candidate);
  }
  return {
    nowMs,
    workers,
    quantumMs,
    agingMs,
    candidates,
    runners,
    held,
    freeSlots: freeSlots(workers, taken, candidates.length),
  };
}

function candidateOf(job: JobState): Candidate | null {
  const { phase, spec } = job;
  if (phase.kind !== 'ready' && !(phase.kind === 'suspended' && phase.by === 'scheduler')) return null;
  return { name: spec.name, order: phase.order, waitingSinceMs: phase.sinceMs, priority: spec.priority };
}

function runnerOf(job: JobState): Runner | null {
  const { phase, spec } = job;
  if (phase.kind !== 'running' && phase.kind !== 'starting') return null;
  const leaving = phase.kind === 'running' && phase.preempted !== null;
  return {
    name: spec.name,
    slot: phase.slot,
    sliceStartedAtMs: phase.sinceMs,
    priority: spec.priority,
    level: phase.level,
    preemptible: spec.preempt && phase.kind === 'running' && !leaving,
    leaving,
  };
}

/** Numbers without a holder, as many as can matter. */
function freeSlots(workers: number, taken: ReadonlySet<number>, wanted: number): number[] {
  const free: number[] = [];
  for (let slot = 0; slot < workers && free.length < wanted; slot += 1) if (!taken.has(slot)) free.push(slot);
  return free;
}

function isAutomaticRestart(job: JobState): boolean {
  if (job.phase.kind !== 'ready') return false;
  return job.phase.reason === 'restart-on-failure' || job.phase.reason === 'restart-always';
}

function isPaced(state: State, nowMs: number): boolean {
  if (restartsAllowed(state.pacing, nowMs) > 0) return false;
  for (const job of allJobs(state)) if (isAutomaticRestart(job)) return true;
  return false;
}

function dispatch(step: Step, job: JobState, slot: number, level: number): void {
  const { phase, spec } = job;
  const { name } = spec;
  if (phase.kind === 'suspended') return resume(step, job, phase.run, slot, level);
  const milliTokens = isAutomaticRestart(job) ? spendToken(step.state.pacing, step.nowMs) : null;
  const incarnation = job.incarnation + 1;
  const waitedMs = step.nowMs - phase.sinceMs;
  emit(step, {
    type: 'run.dispatched',
    job: name,
    incarnation,
    slot,
    level,
    reason: 'slot-free',
    waitedMs,
    milliTokens,
  });
  order(step, { type: 'spawn', run: { job: name, incarnation } });
}

function resume(step: Step, job: JobState, run: LiveRun, slot: number, level: number): void {
  const { name } = job.spec;
  const { incarnation } = job;
  const waitedMs = step.nowMs - job.phase.sinceMs;
  emit(step, { type: 'run.resumed', job: name, incarnation, slot, level, reason: 'slot-free', waitedMs });
  order(step, { type: 'resume', run: { job: name, incarnation }, pid: run.pid });
}
