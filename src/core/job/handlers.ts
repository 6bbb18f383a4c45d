/** The handlers of the transition table, in the order of a run's life. Each decides for one job only. */
import { assert } from '../base/assert.ts';
import { LIMITS } from '../limits.ts';
import { growthOutrunsGrace, judgeMemory } from '../memory/policy.ts';
import type { Reason } from '../reason.ts';
import { allJobs, type JobState } from '../state.ts';
import { current, emit, order, runIdOf, type Step } from '../step.ts';
import type { Phase } from './phase.ts';
import { endRun, endUnstarted, enqueue } from './sequel.ts';
import { requestKill, requestStop, stopJob } from './stop.ts';
import type { InputOf, JobIn } from './transitions.ts';

/** The process exists. */
export function spawned(step: Step, job: JobIn<'starting'>, input: InputOf<'os.spawned'>): void {
  const { name } = job.spec;
  const { followUp } = job.phase;
  const { pid, startTime } = input;
  emit(step, { type: 'run.spawned', job: name, incarnation: job.incarnation, pid, startTime });
  if (job.spec.ready === 'spawned')
    emit(step, { type: 'ready.reported', job: name, incarnation: job.incarnation });
  if (followUp === null) return;
  if (followUp.kind === 'suspend') return preempt(step, current(step, name), 'operator-suspend');
  requestStop(step, current(step, name), followUp);
}

export function spawnFailed(step: Step, job: JobIn<'starting'>, input: InputOf<'os.spawn-failed'>): void {
  const { code, message, fault } = input;
  emit(step, {
    type: 'run.spawn-failed',
    job: job.spec.name,
    incarnation: job.incarnation,
    code,
    message,
    fault,
  });
  endUnstarted(step, job, message, fault);
}

/** The leader is gone; the run is over only when its group is empty. */
export function exited(
  step: Step,
  job: JobIn<'running' | 'suspended' | 'blocked' | 'stopping'>,
  input: InputOf<'os.exited'>,
): void {
  const exit = { code: input.code, signal: input.signal };
  if (input.scopeEmpty) return endRun(step, job, exit, []);
  emit(step, { type: 'run.leader-exited', job: job.spec.name, incarnation: job.incarnation, exit });
  order(step, { type: 'end-scope', run: runIdOf(job), pid: job.phase.run.pid });
}

export function emptied(step: Step, job: JobIn<'stopping'>, input: InputOf<'os.emptied'>): void {
  const { stage } = job.phase;
  assert(stage.kind === 'leader-gone', `group of ${job.spec.name} empty while its leader is alive`);
  endRun(step, job, stage.exit, input.leftovers);
}

/** The suspension that was ordered shows, or was waited for long enough. */
export function suspended(step: Step, job: JobIn<'running'>, input: InputOf<'os.suspended'>): void {
  const { preempted, slot } = job.phase;
  // Withdrawn meanwhile: the run was resumed again.
  if (preempted === null) return;
  const by = preempted.reason === 'operator-suspend' ? 'operator' : 'scheduler';
  const { reason } = preempted;
  emit(step, {
    type: 'run.suspended',
    job: job.spec.name,
    incarnation: job.incarnation,
    slot,
    by,
    reason,
    seen: input.seen,
  });
}

/** Somebody else stopped or continued it: put it back and count. */
export function drifted(
  step: Step,
  job: JobIn<'running' | 'suspended' | 'blocked'>,
  input: InputOf<'os.drifted'>,
): void {
  const run = runIdOf(job);
  const { pid } = job.phase.run;
  const shouldCompute = job.phase.kind !== 'suspended';
  if (job.phase.kind === 'running' && job.phase.preempted !== null) return;
  if (input.found === 'stopped' && shouldCompute) {
    emit(step, { type: 'run.repaired', ...run, reason: 'foreign-stop' });
    order(step, { type: 'resume', run, pid });
  } else if (input.found === 'continued' && !shouldCompute) {
    emit(step, { type: 'run.repaired', ...run, reason: 'foreign-continue' });
    order(step, { type: 'suspend', run, pid });
  }
}

/** A reading of memory and CPU: announce, ease, or end the run. */
export function sampled(
  step: Step,
  job: JobIn<'running' | 'suspended' | 'blocked' | 'stopping'>,
  input: InputOf<'os.sampled'>,
): void {
  const { reading } = input;
  const run = runIdOf(job);
  const { memory } = job.spec;
  const verdict = judgeMemory(job.memory, memory, reading, step.nowMs);
  const { rssBytes, cpuMs, cpuPercent, processes } = reading;
  const { slopeBytesPerSecond, breaches, readAtMs } = verdict;
  emit(step, {
    type: 'run.sampled',
    ...run,
    rssBytes,
    cpuMs,
    cpuPercent,
    processes,
    slopeBytesPerSecond,
    breaches,
    readAtMs,
  });
  if (verdict.announce === 'above-high' && memory.highBytes !== null) {
    emit(step, { type: 'memory.announced', ...run, rssBytes, highBytes: memory.highBytes });
    order(step, {
      type: 'announce-pressure',
      run,
      rssBytes,
      highBytes: memory.highBytes,
      maxBytes: memory.maxBytes,
    });
  } else if (verdict.announce === 'eased') {
    emit(step, { type: 'memory.eased', ...run, rssBytes });
  }
  if (verdict.exceeded) endForMemory(step, current(step, job.spec.name), reading.ageMs);
}

export function reportedReady(step: Step, job: JobState): void {
  if (job.readyAtMs !== null) return;
  emit(step, { type: 'ready.reported', ...runIdOf(job) });
}

export function reportedHeartbeat(step: Step, job: JobState): void {
  emit(step, { type: 'heartbeat.reported', ...runIdOf(job) });
}

export function reportedProgress(step: Step, job: JobState, input: InputOf<'child.progressed'>): void {
  emit(step, { type: 'progress.reported', ...runIdOf(job), value: input.value, total: input.total });
}

/** It gives the rest of its quantum up; the plan that follows hands the slot on only if somebody waits. */
export function yielded(step: Step, job: JobIn<'running'>): void {
  if (job.phase.preempted !== null || !someoneWaits(step)) return;
  preempt(step, job, 'yielded');
}

export function stopRequested(step: Step, job: JobState): void {
  stopJob(step, job, { intent: 'operator-stop', destination: 'stopped' });
}

/** A restart of something that has no process: counts start anew and it queues up. */
export function restartFromRest(step: Step, job: JobState): void {
  forgiven(step, job);
  enqueue(step, job.spec.name, 'operator-restart');
}

/** A restart of something that is about to start anyway: only its counts start anew. */
export function forgiven(step: Step, job: JobState): void {
  emit(step, { type: 'job.forgiven', job: job.spec.name, reason: 'operator-restart' });
}

/** A restart of something that runs: stop it first. */
export function restartRequested(step: Step, job: JobState): void {
  forgiven(step, job);
  stopJob(step, current(step, job.spec.name), { intent: 'operator-restart', destination: 'ready' });
}

export function suspendPostponed(step: Step, job: JobIn<'starting'>): void {
  if (job.phase.followUp !== null) return;
  emit(step, { type: 'run.postponed', ...runIdOf(job), followUp: { kind: 'suspend' } });
}

export function resumePostponed(step: Step, job: JobIn<'starting'>): void {
  if (job.phase.followUp?.kind !== 'suspend') return;
  emit(step, { type: 'run.postponed', ...runIdOf(job), followUp: null });
}

export function suspendRunning(step: Step, job: JobIn<'running'>): void {
  if (job.phase.preempted === null) return preempt(step, job, 'operator-suspend');
  // Already on its way out: only what happens to it afterwards changes.
  emit(step, { type: 'run.preempted', ...runIdOf(job), slot: job.phase.slot, reason: 'operator-suspend' });
}

export function resumeRunning(step: Step, job: JobIn<'running'>): void {
  if (job.phase.preempted?.reason !== 'operator-suspend') return;
  emit(step, { type: 'run.preempted', ...runIdOf(job), slot: job.phase.slot, reason: 'operator-resume' });
}

export function suspendSuspended(step: Step, job: JobIn<'suspended'>): void {
  if (job.phase.by === 'operator') return;
  emit(step, {
    type: 'run.suspended',
    ...runIdOf(job),
    slot: null,
    by: 'operator',
    reason: 'operator-suspend',
    seen: true,
  });
}

export function resumeSuspended(step: Step, job: JobIn<'suspended'>): void {
  if (job.phase.by === 'scheduler') return;
  emit(step, { type: 'run.released', ...runIdOf(job), reason: 'operator-resume' });
}

export function suspendBlocked(step: Step, job: JobIn<'blocked'>): void {
  order(step, { type: 'suspend', run: runIdOf(job), pid: job.phase.run.pid });
  emit(step, {
    type: 'run.suspended',
    ...runIdOf(job),
    slot: null,
    by: 'operator',
    reason: 'operator-suspend',
    seen: false,
  });
}

/** Orders the suspension of a running run. It keeps its slot until the suspension is seen. */
export function preempt(step: Step, job: JobState, reason: Reason): void {
  assert(job.phase.kind === 'running' && job.phase.preempted === null, `preemption of ${job.spec.name}`);
  emit(step, { type: 'run.preempted', ...runIdOf(job), slot: job.phase.slot, reason });
  order(step, { type: 'suspend', run: runIdOf(job), pid: job.phase.run.pid });
}

function endForMemory(step: Step, job: JobState, ageMs: number): void {
  const { maxBytes } = job.spec.memory;
  const { rssBytes, slopeBytesPerSecond } = job.memory;
  if (job.phase.kind === 'stopping') return endGrace(step, job, job.phase);
  assert(maxBytes !== null && rssBytes !== null && 'run' in job.phase, 'a limit, a reading and a process');
  const early = step.nowMs - job.phase.run.spawnedAtMs < LIMITS.memoryEarlyMs;
  const overshootBytes = rssBytes - maxBytes;
  emit(step, {
    type: 'memory.exceeded',
    ...runIdOf(job),
    limitBytes: maxBytes,
    rssBytes,
    ageMs,
    slopeBytesPerSecond,
    overshootBytes,
    early,
  });
  const stop = { intent: 'memory-max', destination: 'policy' } as const;
  const now = current(step, job.spec.name);
  if (growthOutrunsGrace(maxBytes, slopeBytesPerSecond, job.spec.stop.graceMs)) {
    return requestKill(step, now, { ...stop, reason: 'growth-outruns-grace' });
  }
  requestStop(step, now, stop);
}

/** It is being stopped and grows beyond its limit: it has had its grace. */
function endGrace(step: Step, job: JobState, phase: Extract<Phase, { kind: 'stopping' }>): void {
  if (phase.stage.kind !== 'asked') return;
  const { intent, destination } = phase;
  requestKill(step, job, { intent: intent ?? 'memory-max', destination, reason: 'memory-max' });
}

function someoneWaits(step: Step): boolean {
  for (const job of allJobs(step.state)) {
    if (job.phase.kind === 'ready') return true;
    if (job.phase.kind === 'suspended' && job.phase.by === 'scheduler') return true;
  }
  return false;
}
