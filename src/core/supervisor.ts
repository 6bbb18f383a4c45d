/**
 * The decider: one input and the time go in; events (facts) and effects (orders) come out. Nothing is mutated,
 * nothing is performed, no clock is read. Stages run in a fixed order, each seeing what the one before folded:
 * the input itself, deadlines, dependencies, sampling, the scheduler, the end of everything.
 */
import { assert, unreachable } from './base/assert.ts';
import { earlier } from './base/instants.ts';
import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import type { Input, JobInput, OperatorInput } from './input.ts';
import { applyFile } from './job/apply.ts';
import { settleDependencies } from './job/dependencies.ts';
import { isAtRest } from './job/phase.ts';
import { requestKill, stopJob } from './job/stop.ts';
import { type TableInput, TRANSITIONS } from './job/transitions.ts';
import { settleSampling, sweepWakeAtMs } from './memory/sweep.ts';
import { schedule, scheduleRecheckAtMs } from './scheduler/view.ts';
import { allJobs, findJob, type JobState, type State } from './state.ts';
import { beginStep, emit, order, runIdOf, type Step } from './step.ts';

export interface Decision {
  readonly next: State;
  readonly events: readonly Event[];
  readonly effects: readonly Effect[];
}

/** What `input` at `nowMs` (monotonic, never before an earlier one) means for `state`. */
export function decide(state: State, input: Input, nowMs: number): Decision {
  assert(Number.isSafeInteger(nowMs) && nowMs >= 0, `now is ${nowMs}`);
  const step = beginStep(state, nowMs);
  take(step, input);
  settleDeadlines(step);
  settleDependencies(step);
  settleSampling(step);
  schedule(step);
  settleEnd(step);
  return { next: step.state, events: step.events, effects: step.effects };
}

/** The next instant at which time alone changes something; null: never. */
export function wakeAt(state: State, nowMs: number): number | null {
  if (state.stopped) return null;
  let earliest = sweepWakeAtMs(state);
  for (const { phase } of allJobs(state)) {
    if (phase.kind === 'backing-off') earliest = earlier(earliest, phase.untilMs);
    if (phase.kind === 'stopping' && phase.stage.kind === 'asked')
      earliest = earlier(earliest, phase.stage.killAtMs);
  }
  return earlier(earliest, scheduleRecheckAtMs(state, nowMs));
}

function take(step: Step, input: Input): void {
  switch (input.type) {
    case 'clock.woke':
      return;
    case 'operator.stop':
    case 'operator.restart':
    case 'operator.suspend':
    case 'operator.resume':
      return takeFromOperator(step, input);
    case 'operator.set':
      return emit(step, { type: 'supervisor.configured', settings: input.settings, reason: 'operator-set' });
    case 'operator.set-job':
      return tune(step, input);
    case 'operator.signal':
      return signal(step, input);
    case 'operator.shutdown':
      return shutDown(step, input.now);
    case 'file.applied':
      return applyFile(step, input);
    case 'sweep.finished':
      return takeReadings(step, input);
    case 'sweep.failed':
      return emit(step, {
        type: 'sweep.finished',
        costMs: step.state.sampling.costMs,
        failure: input.message,
      });
    case 'relay.dead-lettered': {
      const { from, to, reason, bytes } = input;
      return emit(step, { type: 'message.dead-lettered', from, to, detail: reason, bytes });
    }
    case 'os.strays-ended':
      return emit(step, { type: 'strays.ended', ...input.run, pids: input.pids });
    case 'relay.channel-closed':
      return emit(step, { type: 'channel.closed', ...input.run, detail: input.reason });
    case 'os.spawned':
    case 'os.spawn-failed':
    case 'os.exited':
    case 'os.emptied':
    case 'os.suspended':
    case 'os.drifted':
    case 'os.sampled':
    case 'child.ready':
    case 'child.heartbeat':
    case 'child.yielded':
    case 'child.progressed':
      return takeOfRun(step, input);
    default:
      return unreachable(input);
  }
}

/** News about a run: only if it is the current one, else it is counted and changes nothing. */
function takeOfRun(step: Step, input: JobInput): void {
  const job = findJob(step.state, input.run.job);
  if (job === undefined || job.incarnation !== input.run.incarnation) {
    return emit(step, { type: 'input.dropped', input: input.type, ...input.run, reason: 'stale-input' });
  }
  apply(step, job, input);
}

function takeFromOperator(step: Step, input: OperatorInput): void {
  if (step.state.stopRequestedAtMs !== null && input.type !== 'operator.stop') return;
  for (const name of input.jobs) {
    const job = findJob(step.state, name);
    if (job !== undefined) apply(step, job, input);
  }
}

/** Looks the cell up in the total table and acts on it. */
function apply(step: Step, job: JobState, input: TableInput): void {
  const cell = TRANSITIONS[job.phase.kind][input.type];
  if (cell === 'ignore') return;
  assert(cell !== 'impossible', `${input.type} for ${job.spec.name} in ${job.phase.kind}`);
  // The row and the column were picked by the very phase and type, which the compiler can't follow.
  (cell as (step: Step, job: JobState, input: TableInput) => void)(step, job, input);
}

function takeReadings(step: Step, input: Extract<Input, { type: 'sweep.finished' }>): void {
  if (step.state.sampling.askedAtMs === null) return;
  emit(step, { type: 'sweep.finished', costMs: input.costMs, failure: null });
  for (const reading of input.readings) {
    const job = findJob(step.state, reading.run.job);
    if (job === undefined || job.incarnation !== reading.run.incarnation) continue;
    apply(step, job, { type: 'os.sampled', run: reading.run, reading });
  }
}

function tune(step: Step, input: Extract<Input, { type: 'operator.set-job' }>): void {
  const job = findJob(step.state, input.job);
  if (job === undefined) return;
  const priority = input.priority ?? job.spec.priority;
  const weight = input.weight ?? job.spec.weight;
  emit(step, { type: 'job.tuned', job: input.job, priority, weight, reason: 'operator-set' });
}

function signal(step: Step, input: Extract<Input, { type: 'operator.signal' }>): void {
  const job = findJob(step.state, input.job);
  if (job === undefined || !('run' in job.phase)) return;
  emit(step, { type: 'run.signalled', ...runIdOf(job), signal: input.signal, reason: 'operator-set' });
  order(step, { type: 'signal', run: runIdOf(job), pid: job.phase.run.pid, signal: input.signal });
}

/** Everything stops; asked a second time, only impatience makes a difference. */
function shutDown(step: Step, now: boolean): void {
  const stop = { intent: 'shutdown', destination: 'stopped' } as const;
  if (step.state.stopRequestedAtMs === null) {
    emit(step, { type: 'supervisor.stop-requested' });
    for (const job of allJobs(step.state)) stopJob(step, job, stop);
  }
  if (!now) return;
  for (const job of allJobs(step.state)) {
    if (job.phase.kind === 'stopping' && job.phase.stage.kind === 'asked') {
      requestKill(step, job, { ...stop, reason: 'shutdown' });
    }
  }
}

function settleDeadlines(step: Step): void {
  for (const job of allJobs(step.state)) {
    const { phase } = job;
    if (phase.kind === 'backing-off' && phase.untilMs <= step.nowMs) {
      emit(step, { type: 'job.readied', job: job.spec.name, reason: phase.reason });
    }
    if (phase.kind === 'stopping' && phase.stage.kind === 'asked' && phase.stage.killAtMs <= step.nowMs) {
      const { destination } = phase;
      requestKill(step, job, { intent: phase.intent ?? 'operator-stop', destination, reason: 'grace-over' });
    }
  }
}

/** The last job is over: say so once and leave. */
function settleEnd(step: Step): void {
  if (step.state.stopRequestedAtMs === null || step.state.stopped) return;
  for (const job of allJobs(step.state)) if (!isAtRest(job.phase)) return;
  emit(step, { type: 'supervisor.stopped' });
  order(step, { type: 'leave' });
}
