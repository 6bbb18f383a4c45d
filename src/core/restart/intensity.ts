/**
 * At most N automatic restarts in any window of `withinMs`: the instants are those of the restarts themselves,
 * so no window whatever contains more. Erlang/OTP's supervisor keeps the same list (`add_restart`).
 */
import type { RestartSpec } from '../job/spec.ts';

/** How many automatic restarts still count at `nowMs`. */
export function restartsInPeriod(recentMs: readonly number[], withinMs: number, nowMs: number): number {
  return recentMs.filter((atMs) => atMs > nowMs - withinMs).length;
}

/** Whether one more restart, not before `nowMs`, stays within the intensity. */
export function mayRestart(spec: RestartSpec, recentMs: readonly number[], nowMs: number): boolean {
  const { restarts, withinMs } = spec.intensity;
  return restarts === null || restartsInPeriod(recentMs, withinMs, nowMs) < restarts;
}
