/**
 * The one signature of all scheduling policies: who goes first, who may take whose slot, and when that could
 * change by time alone. A policy sees values only, so the same functions can order processes for slots and
 * replicas for messages.
 */
import type { Reason } from '../reason.ts';

/** Something that waits for service. */
export interface Candidate {
  readonly name: string;
  /** Place in the ready queue: smaller came earlier. */
  readonly order: number;
  readonly waitingSinceMs: number;
  readonly priority: number;
}

/** Something that is being served. */
export interface Runner {
  readonly name: string;
  readonly slot: number;
  readonly sliceStartedAtMs: number;
  /** Base priority. */
  readonly priority: number;
  /** Level at which it won its slot. */
  readonly level: number;
  /** False: it may not be preempted now (not spawned yet, or `preempt: false`). */
  readonly preemptible: boolean;
  /** True: it is already on its way out of its slot. */
  readonly leaving: boolean;
}

export interface PolicyContext {
  readonly nowMs: number;
  readonly quantumMs: number;
  readonly agingMs: number | null;
}

export interface SchedulingPolicy {
  readonly name: string;
  /** Level of priority that a candidate competes with. */
  readonly level: (candidate: Candidate, context: PolicyContext) => number;
  /** Negative: `a` goes first. Total, and the same for equal inputs. */
  readonly compare: (a: Candidate, b: Candidate, context: PolicyContext) => number;
  /** Why `candidate` may take the slot of `runner` now, or null. */
  readonly preempts: (candidate: Candidate, runner: Runner, context: PolicyContext) => Reason | null;
  /** The next instant at which the answers could differ though nothing happened; null: none. */
  readonly recheckAtMs: (candidate: Candidate, runner: Runner, context: PolicyContext) => number | null;
}

/** When the quantum of a runner is over. */
export function quantumEndsAtMs(runner: Runner, context: PolicyContext): number {
  return runner.sliceStartedAtMs + context.quantumMs;
}
