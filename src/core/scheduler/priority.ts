/**
 * Preemptive priority: the highest level computes, equals share round-robin. With aging a waiting job gains a
 * level for each aging interval and so can't starve. It loses what it gained when it is dispatched, but the
 * level at which it won the slot holds for one quantum: else the job it overtook would take the slot back at
 * once and aging would grant no computing at all.
 */
import { type Candidate, type PolicyContext, quantumEndsAtMs, type SchedulingPolicy } from './policy.ts';

export const priority: SchedulingPolicy = {
  name: 'priority',
  level: levelOf,
  compare: (a, b, context) => levelOf(b, context) - levelOf(a, context) || a.order - b.order,
  preempts: (candidate, runner, context) => {
    const over = context.nowMs >= quantumEndsAtMs(runner, context);
    const held = over ? runner.priority : runner.level;
    const level = levelOf(candidate, context);
    if (level > held) return 'higher-priority';
    return over && level === held ? 'quantum-over' : null;
  },
  recheckAtMs: (candidate, runner, context) => {
    const quantumEndMs = quantumEndsAtMs(runner, context);
    if (quantumEndMs <= context.nowMs) return nextLevelAtMs(candidate, context);
    const overtakesAtMs = levelAtMs(candidate, runner.level + 1, context);
    return overtakesAtMs === null ? quantumEndMs : Math.min(quantumEndMs, overtakesAtMs);
  },
};

/** Priority plus one level for each whole aging interval of waiting. */
function levelOf(candidate: Candidate, context: PolicyContext): number {
  if (context.agingMs === null) return candidate.priority;
  const waitedMs = Math.max(0, context.nowMs - candidate.waitingSinceMs);
  return candidate.priority + Math.floor(waitedMs / context.agingMs);
}

/** When waiting alone will have lifted a candidate to `level`; null: never, or already. */
function levelAtMs(candidate: Candidate, level: number, context: PolicyContext): number | null {
  if (context.agingMs === null) return null;
  const atMs = candidate.waitingSinceMs + (level - candidate.priority) * context.agingMs;
  return atMs > context.nowMs ? atMs : null;
}

function nextLevelAtMs(candidate: Candidate, context: PolicyContext): number | null {
  if (context.agingMs === null) return null;
  const waitedMs = Math.max(0, context.nowMs - candidate.waitingSinceMs);
  return candidate.waitingSinceMs + (Math.floor(waitedMs / context.agingMs) + 1) * context.agingMs;
}
