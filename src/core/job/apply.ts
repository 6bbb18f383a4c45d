/** A jobs file is applied: only what differs changes; what is at rest stays at rest. */
import type { FileDifference } from '../input.ts';
import { findJob, type JobState } from '../state.ts';
import { current, emit, type Step } from '../step.ts';
import type { JobSpec } from './spec.ts';
import { stopJob } from './stop.ts';

/** Applies the difference between the file in force and the one handed over. */
export function applyFile(step: Step, difference: FileDifference): void {
  if (step.state.stopRequestedAtMs !== null) return;
  if (Object.keys(difference.settings).length > 0) {
    emit(step, {
      type: 'supervisor.configured',
      settings: difference.settings,
      reason: 'definition-changed',
    });
  }
  for (const name of difference.removed) {
    const job = findJob(step.state, name);
    if (job !== undefined) stopJob(step, job, { intent: 'definition-removed', destination: 'removed' });
  }
  for (const { spec, relaunch } of difference.changed) change(step, spec, relaunch);
  for (const spec of difference.added) {
    // Still on its way out after a removal: it stays and starts anew.
    if (findJob(step.state, spec.name) !== undefined) change(step, spec, true);
    else emit(step, { type: 'job.admitted', job: spec.name, spec });
  }
}

function change(step: Step, spec: JobSpec, relaunch: boolean): void {
  emit(step, { type: 'job.changed', job: spec.name, spec, relaunch });
  const job = current(step, spec.name);
  if (relaunch && hasProcess(job)) stopJob(step, job, { intent: 'definition-changed', destination: 'ready' });
}

function hasProcess(job: JobState): boolean {
  return 'run' in job.phase || job.phase.kind === 'starting';
}
