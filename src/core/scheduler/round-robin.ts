/** Round-robin: first come, first served, a quantum each. Priorities count for nothing. */
import {
  type Candidate,
  type PolicyContext,
  quantumEndsAtMs,
  type Runner,
  type SchedulingPolicy,
} from './policy.ts';

export const roundRobin: SchedulingPolicy = {
  name: 'round-robin',
  level: () => 0,
  compare: (a, b) => a.order - b.order,
  preempts: (_candidate, runner, context) =>
    context.nowMs >= quantumEndsAtMs(runner, context) ? 'quantum-over' : null,
  recheckAtMs: (_candidate: Candidate, runner: Runner, context: PolicyContext) =>
    quantumEndsAtMs(runner, context),
};
