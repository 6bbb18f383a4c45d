/** How a job is brought to its end, whatever phase it is in. */
import { assert } from '../base/assert.ts';
import type { Reason } from '../reason.ts';
import type { JobState } from '../state.ts';
import { emit, order, runIdOf, type Step } from '../step.ts';
import type { StopDestination, StopIntent } from './phase.ts';

interface StopOrder {
  readonly intent: StopIntent;
  readonly destination: StopDestination;
}

/** Asks the process group to end and gives it its grace. */
export function requestStop(step: Step, job: JobState, stop: StopOrder): void {
  const { phase, spec } = job;
  assert('run' in phase, `stop of ${spec.name} without a process`);
  const { signal, graceMs } = spec.stop;
  const killAtMs = step.nowMs + graceMs;
  emit(step, {
    type: 'run.stop-requested',
    job: spec.name,
    incarnation: job.incarnation,
    ...stop,
    signal,
    killAtMs,
  });
  order(step, { type: 'stop', run: runIdOf(job), pid: phase.run.pid, signal });
}

/** Ends the process group without grace. */
export function requestKill(step: Step, job: JobState, stop: StopOrder & { readonly reason: Reason }): void {
  const { phase, spec } = job;
  assert('run' in phase, `kill of ${spec.name} without a process`);
  emit(step, { type: 'run.kill-requested', job: spec.name, incarnation: job.incarnation, ...stop });
  order(step, { type: 'kill', run: runIdOf(job), pid: phase.run.pid, reason: stop.reason });
}

/** The process does not exist yet: remember what to do once it does. */
function postponeStop(step: Step, job: JobState, stop: StopOrder): void {
  const { phase } = job;
  const before =
    phase.kind === 'starting' && phase.followUp?.kind === 'stop' ? phase.followUp.destination : null;
  if (before !== null && isKept(before, stop)) return;
  const followUp = { kind: 'stop' as const, ...stop };
  emit(step, { type: 'run.postponed', job: job.spec.name, incarnation: job.incarnation, followUp });
}

/** Already stopping: only where it goes afterwards changes. */
function redirectStop(step: Step, job: JobState, stop: StopOrder): void {
  assert(job.phase.kind === 'stopping', `redirect of ${job.spec.name} in ${job.phase.kind}`);
  if (job.phase.destination === stop.destination || isKept(job.phase.destination, stop)) return;
  emit(step, { type: 'run.redirected', job: job.spec.name, incarnation: job.incarnation, ...stop });
}

/**
 * Whether a destination stays though another is asked for: what the file no longer names goes, unless the file
 * names it again; what a person stopped stays stopped, whatever the file says.
 */
function isKept(before: StopDestination, stop: StopOrder): boolean {
  if (before === 'removed') return stop.intent !== 'definition-changed' && stop.intent !== 'shutdown';
  return before === 'stopped' && stop.intent === 'definition-changed';
}

/** Stops the job from whatever phase it is in; jobs at rest stay as they are. */
export function stopJob(step: Step, job: JobState, stop: StopOrder): void {
  switch (job.phase.kind) {
    case 'pending':
    case 'ready':
    case 'backing-off':
      if (stop.destination === 'removed') return emit(step, { type: 'job.removed', job: job.spec.name });
      return emit(step, { type: 'job.stopped', job: job.spec.name, reason: stopReason(stop) });
    case 'starting':
      return postponeStop(step, job, stop);
    case 'running':
    case 'suspended':
    case 'blocked':
      return requestStop(step, job, stop);
    case 'stopping':
      return redirectStop(step, job, stop);
    case 'quarantined':
    case 'completed':
    case 'failed':
    case 'stopped':
      if (stop.destination === 'removed') emit(step, { type: 'job.removed', job: job.spec.name });
      return;
  }
}

function stopReason(stop: StopOrder): Reason {
  return stop.intent === 'shutdown' ? 'shutdown' : 'operator-stop';
}
