/** Whether what a job depends on is there. Level-triggered: looks at what is, at the end of every step. */
import type { Reason } from '../reason.ts';
import { allJobs, findJob, type JobState, type State } from '../state.ts';
import { emit, type Step } from '../step.ts';
import type { DependencyCondition } from './spec.ts';

export interface DependencyGap {
  readonly waitsFor: string;
  readonly reason: Extract<Reason, 'waiting-for-dependency' | 'dependency-failed'>;
}

/** The first dependency of `name` that is missing, or null. */
export function dependencyGap(state: State, name: string): DependencyGap | null {
  const job = findJob(state, name);
  for (const dependency of job?.spec.dependsOn ?? []) {
    const other = findJob(state, dependency.job);
    if (other === undefined) return { waitsFor: dependency.job, reason: 'dependency-failed' };
    if (satisfies(other, dependency.condition)) continue;
    return {
      waitsFor: dependency.job,
      reason: hasGivenUp(other) ? 'dependency-failed' : 'waiting-for-dependency',
    };
  }
  return null;
}

/** Lets every pending job whose dependencies are there into the ready queue. */
export function settleDependencies(step: Step): void {
  for (const job of allJobs(step.state)) {
    if (job.phase.kind !== 'pending') continue;
    const gap = dependencyGap(step.state, job.spec.name);
    if (gap === null) {
      emit(step, { type: 'job.readied', job: job.spec.name, reason: 'admitted' });
    } else if (gap.waitsFor !== job.phase.waitsFor || gap.reason !== job.phase.reason) {
      emit(step, { type: 'job.pended', job: job.spec.name, ...gap });
    }
  }
}

function satisfies(job: JobState, condition: DependencyCondition): boolean {
  if (job.phase.kind === 'completed') return true;
  if (condition === 'completed') return false;
  if (condition === 'ready') return job.readyAtMs !== null;
  return 'run' in job.phase;
}

/** It won't get there unless a person does something. */
function hasGivenUp(job: JobState): boolean {
  return job.phase.kind === 'failed' || job.phase.kind === 'quarantined' || job.phase.kind === 'stopped';
}
