/** When the next sweep over all processes is due, and what it covers. */
import { liveRunOf } from '../job/phase.ts';
import { LIMITS } from '../limits.ts';
import { allJobs, NO_MEMORY, type State } from '../state.ts';
import { emit, order, runIdOf, type Step } from '../step.ts';
import { nextLookMs } from './policy.ts';

/** Starts a sweep that is due, gives one up that does not come back, and plans the next. */
export function settleSampling(step: Step): void {
  const { askedAtMs, dueAtMs } = step.state.sampling;
  if (askedAtMs !== null && step.nowMs - askedAtMs >= LIMITS.sampleTimeoutMs) {
    emit(step, { type: 'sweep.finished', costMs: step.state.sampling.costMs, failure: 'timed out' });
  } else if (dueAtMs !== null && step.nowMs >= dueAtMs) {
    requestSweep(step);
  }
  if (step.state.sampling.askedAtMs !== null || step.state.sampling.dueAtMs !== null) return;
  const lookMs = shortestLookMs(step.state);
  if (lookMs !== null) emit(step, { type: 'sweep.scheduled', atMs: step.nowMs + lookMs });
}

/** The instant of the next sweep, or of giving up the one under way. */
export function sweepWakeAtMs(state: State): number | null {
  const { askedAtMs, dueAtMs } = state.sampling;
  return askedAtMs === null ? dueAtMs : askedAtMs + LIMITS.sampleTimeoutMs;
}

function requestSweep(step: Step): void {
  const runs = [];
  for (const job of allJobs(step.state)) {
    const live = liveRunOf(job.phase);
    if (live !== null) runs.push({ run: runIdOf(job), pid: live.pid });
  }
  if (runs.length === 0) return emit(step, { type: 'sweep.finished', costMs: 0, failure: null });
  emit(step, { type: 'sweep.requested', runs: runs.length });
  order(step, { type: 'sweep', runs });
}

/** Null: nothing is alive. The sampler's own cost sets a floor, so it can't eat the machine it watches. */
function shortestLookMs(state: State): number | null {
  const intervalMs = state.settings.sampleMs;
  let shortest: number | null = null;
  for (const job of allJobs(state)) {
    if (liveRunOf(job.phase) === null) continue;
    const growing = job.phase.kind === 'running' || job.phase.kind === 'blocked';
    const history = growing ? job.memory : NO_MEMORY;
    const lookMs = nextLookMs(history, job.spec.memory, intervalMs);
    shortest = Math.min(shortest ?? lookMs, lookMs);
  }
  if (shortest === null) return null;
  const restMs = Math.ceil((state.sampling.costMs * 100) / LIMITS.sampleCostPercent);
  return Math.min(LIMITS.sampleMaxMs, Math.max(shortest, restMs));
}
