/** What follows when a run is over: the destination somebody asked for, else the restart policy. */
import { assert } from '../base/assert.ts';
import type { ExitCause, Reason } from '../reason.ts';
import { backoffDelay } from '../restart/backoff.ts';
import { sequelOf } from '../restart/policy.ts';
import type { JobState } from '../state.ts';
import { emit, type Step } from '../step.ts';
import { dependencyGap } from './dependencies.ts';
import type { LeaderExit, StopDestination, StopIntent } from './phase.ts';

/** The run of `job` is over: leader gone and group empty. */
export function endRun(step: Step, job: JobState, exit: LeaderExit, leftovers: readonly number[]): void {
  const { phase } = job;
  const stopping = phase.kind === 'stopping' ? phase : null;
  const spawnedAtMs = 'run' in phase ? phase.run.spawnedAtMs : step.nowMs;
  const cause: ExitCause = stopping?.intent ?? (exit.signal === null ? 'exited' : 'signalled');
  const livedMs = step.nowMs - spawnedAtMs;
  emit(step, {
    type: 'run.ended',
    job: job.spec.name,
    incarnation: job.incarnation,
    cause,
    code: exit.code,
    signal: exit.signal,
    leftovers,
    livedMs,
  });
  moveOn(step, job.spec.name, stopping?.destination ?? 'policy', stopping?.intent ?? null, () =>
    followPolicy(step, job, exit, cause === 'memory-max', livedMs),
  );
}

/** The process of `job` could not be started. */
export function endUnstarted(step: Step, job: JobState, detail: string, fault: 'job' | 'machine'): void {
  const { phase } = job;
  assert(phase.kind === 'starting', `start failed in ${phase.kind}`);
  const asked = phase.followUp?.kind === 'stop' ? phase.followUp : null;
  moveOn(step, job.spec.name, asked?.destination ?? 'policy', asked?.intent ?? null, () => {
    if (fault === 'job') {
      emit(step, { type: 'job.failed', job: job.spec.name, reason: 'spawn-failed', detail });
      return;
    }
    const attempt = job.restarts.machineRefusals + 1;
    // A machine in trouble is not helped by an immediate next attempt, whatever the job's own backoff says.
    const patient = {
      ...job.spec.restart.backoff,
      initialMs: Math.max(500, job.spec.restart.backoff.initialMs),
    };
    const delay = backoffDelay(
      { ...patient, maxMs: Math.max(patient.maxMs, patient.initialMs) },
      attempt,
      step.state.random,
    );
    backOff(step, job.spec.name, { reason: 'machine-trouble', attempt, ...delay });
  });
}

function moveOn(
  step: Step,
  name: string,
  destination: StopDestination,
  intent: StopIntent | null,
  policy: () => void,
): void {
  switch (destination) {
    case 'removed':
      return emit(step, { type: 'job.removed', job: name });
    case 'stopped':
      return emit(step, {
        type: 'job.stopped',
        job: name,
        reason: intent === 'shutdown' ? 'shutdown' : 'operator-stop',
      });
    case 'ready':
      return enqueue(step, name, intent === 'operator-restart' ? 'operator-restart' : 'definition-changed');
    case 'policy':
      return policy();
  }
}

function followPolicy(
  step: Step,
  job: JobState,
  exit: LeaderExit,
  memoryMax: boolean,
  livedMs: number,
): void {
  const sequel = sequelOf(job, { ...exit, memoryMax, livedMs }, step.state.random, step.nowMs);
  const { name } = job.spec;
  switch (sequel.kind) {
    case 'completed':
      return emit(step, { type: 'job.completed', job: name, reason: sequel.reason });
    case 'failed':
      return emit(step, { type: 'job.failed', job: name, reason: sequel.reason, detail: null });
    case 'quarantined':
      return emit(step, { type: 'job.quarantined', job: name, reason: sequel.reason });
    case 'restart': {
      const { reason, attempt, delay } = sequel;
      backOff(step, name, { reason, attempt, ...delay });
      // No delay: the scheduler of this very step may dispatch it.
      if (delay.delayMs === 0) emit(step, { type: 'job.readied', job: name, reason });
      return;
    }
  }
}

function backOff(
  step: Step,
  name: string,
  wait: { reason: Reason; attempt: number; delayMs: number; random: number },
): void {
  emit(step, { type: 'job.backed-off', job: name, ...wait, untilMs: step.nowMs + wait.delayMs });
}

/** Into the ready queue, or `pending` while a dependency is missing. */
export function enqueue(step: Step, name: string, reason: Reason): void {
  const gap = dependencyGap(step.state, name);
  if (gap === null) return emit(step, { type: 'job.readied', job: name, reason });
  emit(step, { type: 'job.pended', job: name, reason: gap.reason, waitsFor: gap.waitsFor });
}
