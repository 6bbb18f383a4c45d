/** Restarts across all jobs, as a token bucket in thousandths of a token, so that integers suffice. */
import { LIMITS } from '../limits.ts';
import type { State } from '../state.ts';

const FULL = LIMITS.restartBurst * 1000;
const ONE = 1000;

/** Thousandths of a token there are at `nowMs`. One token a restart; `restartsPerSecond` is also mTokens a ms. */
export function tokensAt(pacing: State['pacing'], nowMs: number): number {
  const gained = Math.max(0, nowMs - pacing.atMs) * LIMITS.restartsPerSecond;
  return Math.min(FULL, pacing.milliTokens + gained);
}

/** Whole restarts allowed now. */
export function restartsAllowed(pacing: State['pacing'], nowMs: number): number {
  return Math.floor(tokensAt(pacing, nowMs) / ONE);
}

/** What is left after one restart. */
export function spendToken(pacing: State['pacing'], nowMs: number): number {
  return tokensAt(pacing, nowMs) - ONE;
}

/** When the next restart is allowed. */
export function nextTokenAtMs(pacing: State['pacing'], nowMs: number): number {
  const missing = ONE - tokensAt(pacing, nowMs);
  return missing <= 0 ? nowMs : nowMs + Math.ceil(missing / LIMITS.restartsPerSecond);
}
