/**
 * The state as people and scripts see it (design 2.1): a fold of the same state for every screen. Unknown
 * numbers are null, never 0. What only the daemon process knows is added by the daemon.
 */

import { isAtRest, liveRunOf, type PhaseKind } from '../job/phase.ts';
import { creditTime } from '../job/record.ts';
import { hitsMaxInMs } from '../memory/policy.ts';
import type { ExitCause, Reason } from '../reason.ts';
import { restartsInPeriod } from '../restart/intensity.ts';
import type { JobState } from '../state.ts';

export interface JobStatus {
  readonly name: string;
  readonly phase: PhaseKind;
  readonly reason: Reason;
  /** What a pending or failed job waits for or failed on; null otherwise. */
  readonly detail: string | null;
  readonly pid: number | null;
  readonly slot: number | null;
  readonly incarnation: number;
  readonly restarts: {
    readonly total: number;
    readonly inPeriod: number;
    /** Null: unlimited. */
    readonly allowed: number | null;
    readonly periodMs: number;
    readonly nextInMs: number | null;
    readonly recoveries: number;
  };
  readonly exit: {
    readonly code: number | null;
    readonly signal: string | null;
    readonly cause: ExitCause;
  } | null;
  readonly priority: number;
  readonly weight: number;
  readonly bulkhead: string | null;
  readonly memory: {
    readonly rssBytes: number | null;
    readonly peakBytes: number | null;
    readonly highBytes: number | null;
    readonly maxBytes: number | null;
    readonly sampleAgeMs: number | null;
    readonly hitsMaxInMs: number | null;
  };
  readonly cpu: { readonly percent: number | null; readonly timeMs: number | null };
  readonly slices: number;
  readonly time: {
    readonly runningMs: number;
    readonly readyMs: number;
    readonly blockedMs: number;
    readonly responseMs: number | null;
    readonly turnaroundMs: number | null;
  };
  readonly progress: {
    readonly value: number;
    readonly total: number | null;
    readonly perSecond: number | null;
  } | null;
  readonly ready: boolean;
  /** Foreign stops and continues that were undone. */
  readonly repairs: number;
}

/** The status of one job at `nowMs`. */
export function jobStatus(job: JobState, nowMs: number): JobStatus {
  const { phase, spec } = job;
  return {
    name: spec.name,
    phase: phase.kind,
    reason: reasonOf(job),
    detail: detailOf(job),
    pid: liveRunOf(phase)?.pid ?? null,
    slot: 'slot' in phase ? phase.slot : null,
    incarnation: job.incarnation,
    restarts: restartsOf(job, nowMs),
    exit: job.exit === null ? null : { code: job.exit.code, signal: job.exit.signal, cause: job.exit.cause },
    priority: spec.priority,
    weight: spec.weight,
    bulkhead: null,
    memory: memoryOf(job, nowMs),
    cpu: { percent: liveRunOf(phase) === null ? null : job.cpu.percent, timeMs: job.cpu.timeMs },
    slices: job.times.slices,
    time: timesOf(job, nowMs),
    progress:
      job.progress === null
        ? null
        : { value: job.progress.value, total: job.progress.total, perSecond: job.progress.perSecond },
    ready: job.readyAtMs !== null,
    repairs: job.repairs,
  };
}

function reasonOf(job: JobState): Reason {
  const { phase } = job;
  switch (phase.kind) {
    case 'ready':
      return 'waiting-for-slot';
    case 'starting':
      return 'dispatched';
    case 'running':
      return phase.preempted?.reason ?? 'dispatched';
    case 'stopping':
      if (phase.stage.kind === 'leader-gone') return 'leader-gone';
      return phase.intent ?? 'leader-gone';
    case 'blocked':
      return 'yielded';
    case 'pending':
    case 'suspended':
    case 'backing-off':
    case 'quarantined':
    case 'completed':
    case 'failed':
    case 'stopped':
      return phase.reason;
  }
}

function detailOf(job: JobState): string | null {
  if (job.phase.kind === 'pending') return job.phase.waitsFor;
  return job.phase.kind === 'failed' ? job.phase.detail : null;
}

function restartsOf(job: JobState, nowMs: number): JobStatus['restarts'] {
  const { intensity } = job.spec.restart;
  return {
    total: job.restarts.total,
    inPeriod: restartsInPeriod(job.restarts.recentMs, intensity.withinMs, nowMs),
    allowed: intensity.restarts,
    periodMs: intensity.withinMs,
    nextInMs: job.phase.kind === 'backing-off' ? Math.max(0, job.phase.untilMs - nowMs) : null,
    recoveries: 0,
  };
}

function memoryOf(job: JobState, nowMs: number): JobStatus['memory'] {
  const { memory, spec } = job;
  const live = liveRunOf(job.phase) !== null;
  const rssBytes = live ? memory.rssBytes : null;
  return {
    rssBytes,
    peakBytes: memory.peakBytes,
    highBytes: spec.memory.highBytes,
    maxBytes: spec.memory.maxBytes,
    sampleAgeMs: live && memory.readAtMs !== null ? Math.max(0, nowMs - memory.readAtMs) : null,
    hitsMaxInMs: hitsMaxInMs(rssBytes, spec.memory.maxBytes, memory.slopeBytesPerSecond),
  };
}

function timesOf(job: JobState, nowMs: number): JobStatus['time'] {
  const { admittedAtMs, firstDispatchedAtMs, endedAtMs } = job.times;
  const credited = isAtRest(job.phase) ? job.times : creditTime(job.times, job.phase, nowMs);
  return {
    runningMs: credited.runningMs,
    readyMs: credited.readyMs,
    blockedMs: credited.blockedMs,
    responseMs: firstDispatchedAtMs === null ? null : firstDispatchedAtMs - admittedAtMs,
    turnaroundMs: endedAtMs === null ? null : endedAtMs - admittedAtMs,
  };
}
