/**
 * The workbench of one call of `decide`: the state as folded so far, the events and effects collected. The
 * state in it only ever advances through `evolve`, so the result is the fold of the events by construction.
 */
import { assert } from './base/assert.ts';
import type { Effect } from './effect.ts';
import type { Event, EventBody } from './event.ts';
import { evolve } from './evolve.ts';
import type { RunId } from './job/phase.ts';
import { LIMITS } from './limits.ts';
import { findJob, type JobState, type State } from './state.ts';

export interface Step {
  state: State;
  readonly nowMs: number;
  readonly events: Event[];
  readonly effects: Effect[];
}

export function beginStep(state: State, nowMs: number): Step {
  return { state, nowMs, events: [], effects: [] };
}

/** Records a fact and folds it. */
export function emit(step: Step, body: EventBody): void {
  const event: Event = { ...body, at: step.nowMs };
  step.events.push(event);
  const bound = LIMITS.eventsPerInput + LIMITS.eventsPerJob * (step.state.jobs.length + 1);
  assert(step.events.length <= bound, `more than ${bound} events from one input`);
  step.state = evolve(step.state, event);
}

/** Orders an effect. */
export function order(step: Step, effect: Effect): void {
  step.effects.push(effect);
}

/** The job as it is by now, which must exist. */
export function current(step: Step, name: string): JobState {
  const job = findJob(step.state, name);
  assert(job !== undefined, `job ${name} is gone`);
  return job;
}

/** The current run of a job. */
export function runIdOf(job: JobState): RunId {
  return { job: job.spec.name, incarnation: job.incarnation };
}
