/**
 * What a reading of memory means: growth, when the limit will be reached, whether to announce, whether to end
 * the run, and when to look again. Pure arithmetic on the last readings of one run.
 */
import type { Reading } from '../input.ts';
import type { MemoryLimits } from '../job/spec.ts';
import { LIMITS } from '../limits.ts';
import type { MemoryHistory } from '../state.ts';

export interface MemoryVerdict {
  readonly slopeBytesPerSecond: number | null;
  readonly breaches: number;
  readonly readAtMs: number;
  readonly announce: 'above-high' | 'eased' | null;
  /** True: the run has to be ended. */
  readonly exceeded: boolean;
}

/** Judges one reading that arrived at `nowMs`. */
export function judgeMemory(
  history: MemoryHistory,
  limits: MemoryLimits,
  reading: Reading,
  nowMs: number,
): MemoryVerdict {
  const readAtMs = nowMs - reading.ageMs;
  const above = limits.maxBytes !== null && reading.rssBytes > limits.maxBytes;
  const breaches = above ? history.breaches + 1 : 0;
  return {
    slopeBytesPerSecond: slopeOf(history, reading.rssBytes, readAtMs),
    breaches,
    readAtMs,
    announce: announcement(history, limits, reading.rssBytes),
    exceeded: breaches >= LIMITS.memoryBreaches,
  };
}

/** Time until `max` at the present growth; null: no limit, no growth, or not enough readings. */
export function hitsMaxInMs(
  rssBytes: number | null,
  maxBytes: number | null,
  slopeBytesPerSecond: number | null,
): number | null {
  if (rssBytes === null || maxBytes === null || slopeBytesPerSecond === null || slopeBytesPerSecond <= 0)
    return null;
  if (rssBytes >= maxBytes) return 0;
  return Math.min(LIMITS.timerMaxMs, Math.floor(((maxBytes - rssBytes) * 1000) / slopeBytesPerSecond));
}

/** Whether the run would grow by more during its grace than may be tolerated. */
export function growthOutrunsGrace(
  maxBytes: number,
  slopeBytesPerSecond: number | null,
  graceMs: number,
): boolean {
  if (slopeBytesPerSecond === null || slopeBytesPerSecond <= 0) return false;
  const grownBytes = (slopeBytesPerSecond * graceMs) / 1000;
  return grownBytes * 100 > maxBytes * LIMITS.memoryGraceGrowthPercent;
}

/**
 * When to look at a run again: a quarter of the time it needs to reach its limit, so that several readings
 * fall before it; at once when it is above; never later than the configured interval.
 */
export function nextLookMs(history: MemoryHistory, limits: MemoryLimits, intervalMs: number): number {
  // Nothing is decided by the memory of a run without a limit: it is read for people, who look once a second.
  if (limits.maxBytes === null && limits.highBytes === null) return Math.max(intervalMs, LIMITS.sampleIdleMs);
  if (history.breaches > 0) return LIMITS.sampleMinMs;
  const leftMs = hitsMaxInMs(history.rssBytes, limits.maxBytes, history.slopeBytesPerSecond);
  if (leftMs === null) return intervalMs;
  return Math.min(intervalMs, Math.max(LIMITS.sampleMinMs, Math.floor(leftMs / 4)));
}

function slopeOf(history: MemoryHistory, rssBytes: number, readAtMs: number): number | null {
  if (history.rssBytes === null || history.readAtMs === null) return null;
  const elapsedMs = readAtMs - history.readAtMs;
  if (elapsedMs <= 0) return history.slopeBytesPerSecond;
  const newest = Math.round(((rssBytes - history.rssBytes) * 1000) / elapsedMs);
  const before = history.slopeBytesPerSecond;
  return before === null ? newest : Math.round((before + newest) / 2);
}

function announcement(
  history: MemoryHistory,
  limits: MemoryLimits,
  rssBytes: number,
): MemoryVerdict['announce'] {
  if (limits.highBytes === null) return null;
  if (rssBytes > limits.highBytes) return history.announcedAtMs === null ? 'above-high' : null;
  return history.announcedAtMs === null ? null : 'eased';
}
