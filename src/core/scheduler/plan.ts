/**
 * The scheduling decision as a pure plan over what *is*: who waits, who computes, how many slots. It never
 * learns which input led to it, so a missed input can't wedge it. Who gets how many slots is decided here,
 * who goes first by the policy.
 */
import { assert } from '../base/assert.ts';
import { earlier } from '../base/instants.ts';
import type { Reason } from '../reason.ts';
import type { Candidate, PolicyContext, Runner, SchedulingPolicy } from './policy.ts';

export interface SchedulerView extends PolicyContext {
  readonly workers: number;
  readonly candidates: readonly Candidate[];
  readonly runners: readonly Runner[];
  /** Runs that compute without being schedulable: those that are being stopped. */
  readonly held: number;
  /** Numbers of the slots nobody holds, ascending. */
  readonly freeSlots: readonly number[];
}

export interface Plan {
  readonly dispatches: readonly { readonly name: string; readonly slot: number; readonly level: number }[];
  readonly preemptions: readonly { readonly name: string; readonly reason: Reason }[];
  /** When to plan again if nothing happens; null: nothing could change. */
  readonly recheckAtMs: number | null;
}

/** The plan of `policy` for `view`. */
export function planSlots(policy: SchedulingPolicy, view: SchedulerView): Plan {
  const allowed = view.workers - view.runners.length - view.held;
  const queue = view.candidates.toSorted((a, b) => policy.compare(a, b, view));
  const places = Math.max(0, Math.min(allowed, view.freeSlots.length));
  const dispatches = queue.slice(0, places).map((candidate, index) => ({
    name: candidate.name,
    slot: view.freeSlots[index] as number,
    level: policy.level(candidate, view),
  }));
  const stayers = view.runners.filter((runner) => !runner.leaving);
  const leaving = view.runners.length - stayers.length;
  const evicted = evictions(stayers, Math.max(0, -allowed) - leaving);
  const remaining = stayers.filter((runner) => !evicted.includes(runner));
  // Those already on their way out will serve the first of the queue.
  const spare = Math.max(0, leaving + Math.min(0, allowed));
  const waiting = queue.slice(places + spare);
  const challenges = challenge(policy, view, waiting, remaining);
  return {
    dispatches,
    preemptions: [
      ...evicted.map(({ name }) => ({ name, reason: 'budget-shrunk' as const })),
      ...challenges.preemptions,
    ],
    recheckAtMs: challenges.recheckAtMs,
  };
}

/** The budget is exceeded by `count`: the lowest and longest-served leave. */
function evictions(stayers: readonly Runner[], count: number): readonly Runner[] {
  if (count <= 0) return [];
  return stayers
    .filter((runner) => runner.preemptible)
    .toSorted(worstFirst)
    .slice(0, count);
}

function challenge(
  policy: SchedulingPolicy,
  view: SchedulerView,
  waiting: readonly Candidate[],
  runners: readonly Runner[],
): Pick<Plan, 'preemptions' | 'recheckAtMs'> {
  const preemptions: { name: string; reason: Reason }[] = [];
  const stayers = runners.filter((runner) => runner.preemptible).sort(worstFirst);
  let recheckAtMs: number | null = null;
  for (const candidate of waiting) {
    if (stayers.length === 0) break;
    const index = stayers.findIndex((runner) => policy.preempts(candidate, runner, view) !== null);
    const victim = stayers[index];
    if (victim !== undefined) {
      preemptions.push({ name: victim.name, reason: policy.preempts(candidate, victim, view) as Reason });
      stayers.splice(index, 1);
      continue;
    }
    for (const runner of stayers)
      recheckAtMs = earlier(recheckAtMs, policy.recheckAtMs(candidate, runner, view));
  }
  assert(recheckAtMs === null || recheckAtMs > view.nowMs, 'a recheck lies ahead');
  return { preemptions, recheckAtMs };
}

/** Lowest base priority first, then the one whose slice began first, then by slot. */
function worstFirst(a: Runner, b: Runner): number {
  return a.priority - b.priority || a.sliceStartedAtMs - b.sliceStartedAtMs || a.slot - b.slot;
}
