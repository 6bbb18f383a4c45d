/** Folds the events that move a run from phase to phase. Assertions here catch an illegal history. */
import { assert, unreachable } from './base/assert.ts';
import type { Event } from './event.ts';
import type { LiveRun, Phase, PhaseKind } from './job/phase.ts';
import { enterPhase } from './job/record.ts';
import { findJob, type JobState, NO_MEMORY, type State, withJob } from './state.ts';

const RUN_PHASE_EVENTS = [
  'run.dispatched',
  'run.spawned',
  'run.spawn-failed',
  'run.postponed',
  'run.preempted',
  'run.suspended',
  'run.released',
  'run.resumed',
  'run.stop-requested',
  'run.redirected',
  'run.kill-requested',
  'run.leader-exited',
  'run.ended',
] as const;

type RunPhaseEvent = Extract<Event, { type: (typeof RUN_PHASE_EVENTS)[number] }>;
type Of<T extends RunPhaseEvent['type']> = Extract<RunPhaseEvent, { type: T }>;

const RUN_PHASE_EVENT_TYPES: ReadonlySet<string> = new Set(RUN_PHASE_EVENTS);

export function isRunPhaseEvent(event: Event): event is RunPhaseEvent {
  return RUN_PHASE_EVENT_TYPES.has(event.type);
}

/** The state after an event of a run's life. */
export function evolveRun(state: State, event: RunPhaseEvent): State {
  const job = findJob(state, event.job);
  assert(job !== undefined, `event for unknown job ${event.job}`);
  if (event.type === 'run.dispatched') return dispatched(state, job, event);
  assert(
    event.incarnation === job.incarnation,
    `${event.type} for old run ${event.job}#${event.incarnation}`,
  );
  if (event.type === 'run.suspended' || event.type === 'run.released') {
    const order = state.order + 1;
    return withJob({ ...state, order }, suspendedJob(job, event, order));
  }
  return withJob(state, nextJob(job, event));
}

function dispatched(state: State, job: JobState, event: Of<'run.dispatched'>): State {
  const { at, slot, level, milliTokens } = event;
  inPhase(job, 'ready');
  assert(event.incarnation === job.incarnation + 1, 'incarnations count without gaps');
  const moved = enterPhase(job, { kind: 'starting', sinceMs: at, slot, level, followUp: null }, at);
  const restarted =
    milliTokens === null
      ? job.restarts
      : { ...job.restarts, total: job.restarts.total + 1, recentMs: remembered(job, at) };
  const next: JobState = {
    ...moved,
    incarnation: event.incarnation,
    restarts: restarted,
    memory: { ...NO_MEMORY, earlyBreaches: job.memory.earlyBreaches },
    cpu: { timeMs: null, percent: null },
    readyAtMs: null,
    heartbeatAtMs: null,
    progress: null,
    times: {
      ...moved.times,
      firstDispatchedAtMs: moved.times.firstDispatchedAtMs ?? at,
      slices: moved.times.slices + 1,
    },
  };
  const pacing = milliTokens === null ? state.pacing : { milliTokens, atMs: at };
  return withJob({ ...state, pacing }, next);
}

/** No more instants are kept than the intensity can ask for. */
function remembered(job: JobState, atMs: number): readonly number[] {
  const keep = (job.spec.restart.intensity.restarts ?? 0) + 1;
  return [...job.restarts.recentMs, atMs].slice(-keep);
}

function suspendedJob(
  job: JobState,
  event: Of<'run.suspended'> | Of<'run.released'>,
  order: number,
): JobState {
  const { at, reason } = event;
  if (event.type === 'run.released') {
    const { run } = inPhase(job, 'suspended');
    return enterPhase(job, { kind: 'suspended', sinceMs: at, run, order, by: 'scheduler', reason }, at);
  }
  const { phase } = job;
  assert(
    phase.kind === 'running' || phase.kind === 'suspended' || phase.kind === 'blocked',
    `suspended from ${phase.kind}`,
  );
  return enterPhase(job, { kind: 'suspended', sinceMs: at, run: phase.run, order, by: event.by, reason }, at);
}

type RemainingEvent = Exclude<RunPhaseEvent, Of<'run.dispatched'> | Of<'run.suspended'> | Of<'run.released'>>;

function nextJob(job: JobState, event: RemainingEvent): JobState {
  const { at } = event;
  switch (event.type) {
    case 'run.spawned':
      return spawned(job, event);
    case 'run.spawn-failed':
      inPhase(job, 'starting');
      return ended(job, { code: null, signal: null, cause: 'spawn-failed', leftovers: 0, atMs: at }, at);
    case 'run.postponed':
      return { ...job, phase: { ...inPhase(job, 'starting'), followUp: event.followUp } };
    case 'run.preempted':
      return {
        ...job,
        phase: { ...inPhase(job, 'running'), preempted: { sinceMs: at, reason: event.reason } },
      };
    case 'run.resumed':
      return resumed(job, event);
    case 'run.stop-requested':
    case 'run.kill-requested':
    case 'run.leader-exited':
      return enterPhase(job, stoppingPhase(job, event), at);
    case 'run.redirected': {
      const phase = inPhase(job, 'stopping');
      return {
        ...job,
        phase: { ...phase, destination: event.destination, intent: phase.intent ?? event.intent },
      };
    }
    case 'run.ended': {
      const { code, signal, cause } = event;
      const started =
        job.restarts.machineRefusals === 0
          ? job
          : { ...job, restarts: { ...job.restarts, machineRefusals: 0 } };
      return ended(started, { code, signal, cause, leftovers: event.leftovers.length, atMs: at }, at);
    }
    default:
      return unreachable(event);
  }
}

function spawned(job: JobState, event: Of<'run.spawned'>): JobState {
  const phase = inPhase(job, 'starting');
  const run: LiveRun = { pid: event.pid, startTime: event.startTime, spawnedAtMs: event.at };
  const { slot, level } = phase;
  return enterPhase(job, { kind: 'running', sinceMs: event.at, run, slot, level, preempted: null }, event.at);
}

function resumed(job: JobState, event: Of<'run.resumed'>): JobState {
  const { run } = inPhase(job, 'suspended');
  const { at, slot, level } = event;
  const moved = enterPhase(job, { kind: 'running', sinceMs: at, run, slot, level, preempted: null }, at);
  return { ...moved, times: { ...moved.times, slices: moved.times.slices + 1 } };
}

function stoppingPhase(
  job: JobState,
  event: Of<'run.stop-requested'> | Of<'run.kill-requested'> | Of<'run.leader-exited'>,
): Phase {
  const { phase } = job;
  assert('run' in phase, `${event.type} without a process`);
  const before =
    phase.kind === 'stopping' ? phase : { intent: null, destination: 'policy' as const, slot: slotOf(phase) };
  const common = { kind: 'stopping', sinceMs: event.at, run: phase.run, slot: before.slot } as const;
  switch (event.type) {
    case 'run.stop-requested':
      return {
        ...common,
        intent: before.intent ?? event.intent,
        destination: event.destination,
        stage: { kind: 'asked', killAtMs: event.killAtMs },
      };
    case 'run.kill-requested':
      return {
        ...common,
        intent: before.intent ?? event.intent,
        destination: event.destination,
        stage: { kind: 'killed' },
      };
    case 'run.leader-exited':
      return {
        ...common,
        intent: before.intent,
        destination: before.destination,
        stage: { kind: 'leader-gone', exit: event.exit },
      };
    default:
      return unreachable(event);
  }
}

function slotOf(phase: Phase): number | null {
  return phase.kind === 'running' ? phase.slot : null;
}

/** Provisional: the event that follows in the same step says where the job goes from here. */
function ended(job: JobState, exit: NonNullable<JobState['exit']>, atMs: number): JobState {
  const reason = exit.cause === 'spawn-failed' ? 'spawn-failed' : 'exited-cleanly';
  const moved = enterPhase(job, { kind: 'stopped', sinceMs: atMs, reason }, atMs);
  // In a row: a run that ends for another reason begins the count anew.
  const earlyBreaches = exit.cause === 'memory-max' ? moved.memory.earlyBreaches : 0;
  const memory = { ...moved.memory, breaches: 0, announcedAtMs: null, earlyBreaches };
  return { ...moved, exit, readyAtMs: null, memory };
}

function inPhase<K extends PhaseKind>(job: JobState, kind: K): Extract<Phase, { kind: K }> {
  assert(job.phase.kind === kind, `${job.spec.name} is ${job.phase.kind}, expected ${kind}`);
  return job.phase as Extract<Phase, { kind: K }>;
}
