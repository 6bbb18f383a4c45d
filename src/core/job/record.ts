/** How a job's record is made, moved from phase to phase and removed. Pure bookkeeping for `evolve`. */
import { chunksOf, elementAt, elementsOf, withAppended } from '../base/chunks.ts';
import { type JobState, type JobTimes, NO_MEMORY, type State } from '../state.ts';
import { isAtRest, type Phase } from './phase.ts';
import type { JobSpec } from './spec.ts';

/** A job enters, `pending` until its dependencies are looked at. */
export function admitJob(state: State, spec: JobSpec, atMs: number): State {
  const index = state.jobs.length;
  const job: JobState = {
    index,
    spec,
    phase: { kind: 'pending', sinceMs: atMs, reason: 'admitted', waitsFor: null },
    incarnation: state.retired.get(spec.name) ?? 0,
    restarts: { total: 0, recentMs: [], attempt: 0, machineRefusals: 0 },
    exit: null,
    memory: NO_MEMORY,
    cpu: { timeMs: null, percent: null },
    times: {
      admittedAtMs: atMs,
      firstDispatchedAtMs: null,
      endedAtMs: null,
      runningMs: 0,
      readyMs: 0,
      blockedMs: 0,
      slices: 0,
    },
    readyAtMs: null,
    heartbeatAtMs: null,
    progress: null,
    repairs: 0,
  };
  return { ...state, jobs: withAppended(state.jobs, job), names: new Map(state.names).set(spec.name, index) };
}

/** A job leaves; the jobs after it move up. */
export function removeJob(state: State, name: string): State {
  const left: JobState[] = [];
  for (const job of elementsOf(state.jobs)) {
    if (job.spec.name !== name) left.push({ ...job, index: left.length });
  }
  const index = state.names.get(name);
  const incarnation = index === undefined ? 0 : elementAt(state.jobs, index).incarnation;
  return {
    ...state,
    jobs: chunksOf(left),
    names: new Map(left.map((job) => [job.spec.name, job.index])),
    retired: new Map(state.retired).set(name, incarnation),
  };
}

/** The job in another phase, with the time in the old one credited. */
export function enterPhase(job: JobState, phase: Phase, atMs: number): JobState {
  const times = creditTime(job.times, job.phase, atMs);
  return {
    ...job,
    phase,
    times: isAtRest(phase) ? { ...times, endedAtMs: atMs } : { ...times, endedAtMs: null },
  };
}

/** Adds what has passed in `phase` up to `atMs` to the account that it belongs to. */
export function creditTime(times: JobTimes, phase: Phase, atMs: number): JobTimes {
  const spentMs = Math.max(0, atMs - phase.sinceMs);
  switch (phase.kind) {
    case 'starting':
    case 'running':
    case 'stopping':
      return { ...times, runningMs: times.runningMs + spentMs };
    case 'ready':
      return { ...times, readyMs: times.readyMs + spentMs };
    case 'suspended':
      return phase.by === 'scheduler' ? { ...times, readyMs: times.readyMs + spentMs } : times;
    case 'blocked':
      return { ...times, blockedMs: times.blockedMs + spentMs };
    case 'pending':
    case 'backing-off':
    case 'quarantined':
    case 'completed':
    case 'failed':
    case 'stopped':
      return times;
  }
}
