/**
 * Folds one event into the state: records and never decides. It reads no limits and no policies, so that a
 * journal written today replays the same under tomorrow's rules. Time spent is credited here, by the phase
 * that is being left.
 */
import { assert, unreachable } from './base/assert.ts';
import type { Event } from './event.ts';
import { evolveMemory, evolveProgress, evolveSample } from './evolve-measures.ts';
import { evolveRun, isRunPhaseEvent } from './evolve-run.ts';
import { admitJob, enterPhase, removeJob } from './job/record.ts';
import { EMPTY_STATE, findJob, type JobState, type State, withJob } from './state.ts';

/** The state after `event`. */
export function evolve(state: State, event: Event): State {
  if (isRunPhaseEvent(event)) return evolveRun(state, event);
  switch (event.type) {
    case 'supervisor.started': {
      const pacing = { ...EMPTY_STATE.pacing, atMs: event.at };
      return { ...EMPTY_STATE, name: event.name, settings: settingsOf(event), random: event.seed, pacing };
    }
    case 'supervisor.configured':
      return { ...state, settings: { ...state.settings, ...event.settings } };
    case 'supervisor.stop-requested':
      return { ...state, stopRequestedAtMs: event.at };
    case 'supervisor.stopped':
      return { ...state, stopped: true };
    case 'job.admitted':
      return admitJob(state, event.spec, event.at);
    case 'job.removed':
      return removeJob(state, event.job);
    case 'job.changed':
      return update(state, event.job, (job) => ({ ...job, spec: event.spec }));
    case 'job.tuned':
      return update(state, event.job, (job) => ({
        ...job,
        spec: { ...job.spec, priority: event.priority, weight: event.weight },
      }));
    case 'run.sampled':
    case 'progress.reported':
    case 'heartbeat.reported':
    case 'memory.announced':
    case 'memory.eased':
    case 'memory.exceeded':
    case 'ready.reported':
    case 'run.repaired':
      return evolveMeasures(state, event);
    case 'sweep.scheduled':
      return { ...state, sampling: { ...state.sampling, dueAtMs: event.atMs } };
    case 'sweep.requested':
      return { ...state, sampling: { ...state.sampling, dueAtMs: null, askedAtMs: event.at } };
    case 'sweep.finished':
      return {
        ...state,
        sampling: { dueAtMs: null, askedAtMs: null, costMs: event.costMs },
        counters: {
          ...state.counters,
          sweepFailures: state.counters.sweepFailures + (event.failure === null ? 0 : 1),
        },
      };
    case 'input.dropped':
      return { ...state, counters: { ...state.counters, staleInputs: state.counters.staleInputs + 1 } };
    case 'channel.closed':
    case 'strays.ended':
    case 'message.dead-lettered':
    case 'run.signalled':
      return state;
    case 'job.forgiven':
    case 'job.pended':
    case 'job.readied':
    case 'job.backed-off':
    case 'job.quarantined':
    case 'job.completed':
    case 'job.failed':
    case 'job.stopped':
      return evolveJobPhase(state, event);
    default:
      return unreachable(event);
  }
}

type StartedEvent = Extract<Event, { type: 'supervisor.started' }>;

function settingsOf(event: StartedEvent): State['settings'] {
  const { workers, policy, quantumMs, agingMs, blocking, sampleMs } = event;
  return { workers, policy, quantumMs, agingMs, blocking, sampleMs };
}

type MeasureEvent = Extract<
  Event,
  {
    type:
      | 'run.sampled'
      | 'progress.reported'
      | 'heartbeat.reported'
      | 'memory.announced'
      | 'memory.eased'
      | 'memory.exceeded'
      | 'ready.reported'
      | 'run.repaired';
  }
>;

function evolveMeasures(state: State, event: MeasureEvent): State {
  switch (event.type) {
    case 'run.sampled':
      return update(state, event.job, (job) => evolveSample(job, event));
    case 'progress.reported':
      return update(state, event.job, (job) => evolveProgress(job, event));
    case 'heartbeat.reported':
      return update(state, event.job, (job) => ({ ...job, heartbeatAtMs: event.at }));
    case 'memory.announced':
    case 'memory.eased':
    case 'memory.exceeded':
      return update(state, event.job, (job) => evolveMemory(job, event));
    case 'ready.reported':
      return update(state, event.job, (job) => ({ ...job, readyAtMs: event.at }));
    case 'run.repaired':
      return update(
        { ...state, counters: { ...state.counters, repairs: state.counters.repairs + 1 } },
        event.job,
        (job) => ({ ...job, repairs: job.repairs + 1 }),
      );
    default:
      return unreachable(event);
  }
}

type JobPhaseEvent = Extract<
  Event,
  {
    type:
      | 'job.forgiven'
      | 'job.pended'
      | 'job.readied'
      | 'job.backed-off'
      | 'job.quarantined'
      | 'job.completed'
      | 'job.failed'
      | 'job.stopped';
  }
>;

function evolveJobPhase(state: State, event: JobPhaseEvent): State {
  const sinceMs = event.at;
  switch (event.type) {
    case 'job.forgiven':
      return update(state, event.job, (job) => ({
        ...job,
        restarts: { ...job.restarts, recentMs: [], attempt: 0, machineRefusals: 0 },
        memory: { ...job.memory, earlyBreaches: 0 },
      }));
    case 'job.pended':
      return update(state, event.job, (job) =>
        enterPhase(
          job,
          { kind: 'pending', sinceMs, reason: event.reason, waitsFor: event.waitsFor },
          sinceMs,
        ),
      );
    case 'job.readied': {
      const order = state.order + 1;
      return update({ ...state, order }, event.job, (job) =>
        enterPhase(job, { kind: 'ready', sinceMs, order, reason: event.reason }, sinceMs),
      );
    }
    case 'job.backed-off':
      return update({ ...state, random: event.random }, event.job, (job) =>
        enterPhase(backingOff(job, event), backOffPhase(event), sinceMs),
      );
    case 'job.quarantined':
    case 'job.completed':
    case 'job.stopped': {
      const kind =
        event.type === 'job.quarantined'
          ? 'quarantined'
          : event.type === 'job.completed'
            ? 'completed'
            : 'stopped';
      return update(state, event.job, (job) =>
        enterPhase(job, { kind, sinceMs, reason: event.reason }, sinceMs),
      );
    }
    case 'job.failed':
      return update(state, event.job, (job) =>
        enterPhase(job, { kind: 'failed', sinceMs, reason: event.reason, detail: event.detail }, sinceMs),
      );
    default:
      return unreachable(event);
  }
}

type BackedOff = Extract<Event, { type: 'job.backed-off' }>;

function backingOff(job: JobState, event: BackedOff): JobState {
  if (event.reason === 'machine-trouble') {
    return { ...job, restarts: { ...job.restarts, machineRefusals: event.attempt } };
  }
  return { ...job, restarts: { ...job.restarts, attempt: event.attempt } };
}

function backOffPhase(event: BackedOff): JobState['phase'] {
  return {
    kind: 'backing-off',
    sinceMs: event.at,
    untilMs: event.untilMs,
    attempt: event.attempt,
    reason: event.reason,
  };
}

function update(state: State, name: string, change: (job: JobState) => JobState): State {
  const job = findJob(state, name);
  assert(job !== undefined, `event for unknown job ${name}`);
  return withJob(state, change(job));
}
