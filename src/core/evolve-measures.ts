/** Folds what was measured of a run or reported by a child. No phase changes here. */
import type { Event } from './event.ts';
import type { JobState, MemoryHistory } from './state.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

/** Weight of the newest of two rates, in per cent: smooths without lagging more than a few reports. */
const NEWEST_PERCENT = 50;

/** A reading of memory and CPU. */
export function evolveSample(job: JobState, event: Of<'run.sampled'>): JobState {
  return {
    ...job,
    cpu: { timeMs: event.cpuMs, percent: event.cpuPercent },
    memory: {
      ...job.memory,
      rssBytes: event.rssBytes,
      peakBytes: Math.max(job.memory.peakBytes ?? 0, event.rssBytes),
      readAtMs: event.readAtMs,
      slopeBytesPerSecond: event.slopeBytesPerSecond,
      processes: event.processes,
      breaches: event.breaches,
    },
  };
}

/** Crossing `high` in either direction, or passing `max`. */
export function evolveMemory(
  job: JobState,
  event: Of<'memory.announced'> | Of<'memory.eased'> | Of<'memory.exceeded'>,
): JobState {
  return { ...job, memory: memoryAfter(job.memory, event) };
}

function memoryAfter(
  memory: MemoryHistory,
  event: Of<'memory.announced'> | Of<'memory.eased'> | Of<'memory.exceeded'>,
): MemoryHistory {
  if (event.type === 'memory.announced') return { ...memory, announcedAtMs: event.at };
  if (event.type === 'memory.eased') return { ...memory, announcedAtMs: null };
  return { ...memory, earlyBreaches: event.early ? memory.earlyBreaches + 1 : 0 };
}

/** A child's own account of how far it has come. */
export function evolveProgress(job: JobState, event: Of<'progress.reported'>): JobState {
  const before = job.progress;
  const elapsedMs = before === null ? 0 : event.at - before.atMs;
  const rate =
    before === null || elapsedMs <= 0 || event.value < before.value
      ? (before?.perSecond ?? null)
      : smoothed(before.perSecond, ((event.value - before.value) * 1000) / elapsedMs);
  return { ...job, progress: { value: event.value, total: event.total, atMs: event.at, perSecond: rate } };
}

function smoothed(before: number | null, newest: number): number {
  if (before === null) return Math.round(newest * 1000) / 1000;
  const mixed = (before * (100 - NEWEST_PERCENT) + newest * NEWEST_PERCENT) / 100;
  return Math.round(mixed * 1000) / 1000;
}
