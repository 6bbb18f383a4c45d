/**
 * The only place of the daemon that reads a clock or holds a timer. There is exactly one timer; whoever needs
 * to be woken registers a source and is asked for its next instant.
 */
import { earliestOf } from '../core/base/instants.ts';
import { LIMITS } from '../core/limits.ts';

/** Something with deadlines. */
export interface WakeSource {
  /** The next instant at which `woke` has something to do; null: none. */
  readonly wakeAtMs: () => number | null;
  readonly woke: () => void;
}

export interface Clock {
  /** Whole monotonic milliseconds since the daemon started. */
  readonly now: () => number;
  /** Unix milliseconds, for stamps only. */
  readonly wall: () => number;
  readonly register: (source: WakeSource) => void;
  /** To be called whenever a source's next instant may have changed. */
  readonly rearm: () => void;
  /** For the way in and out, while the loop is not turning. */
  readonly delay: (ms: number) => Promise<void>;
  readonly close: () => void;
}

/** Starts the clock at 0. */
export function startClock(): Clock {
  const originMs = performance.now();
  const sources: WakeSource[] = [];
  let timer: NodeJS.Timeout | null = null;
  let armedForMs: number | null = null;
  const now = (): number => Math.floor(performance.now() - originMs);

  const rearm = (): void => {
    const nextMs = earliestOf(sources.map((source) => source.wakeAtMs()));
    if (nextMs === armedForMs && timer !== null) return;
    if (timer !== null) clearTimeout(timer);
    armedForMs = nextMs;
    timer = null;
    if (nextMs === null) return;
    timer = setTimeout(woke, delayUntil(nextMs, performance.now() - originMs));
  };

  const woke = (): void => {
    timer = null;
    armedForMs = null;
    const atMs = now();
    for (const source of sources) {
      const dueMs = source.wakeAtMs();
      if (dueMs !== null && dueMs <= atMs) source.woke();
    }
    rearm();
  };

  const close = (): void => {
    if (timer !== null) clearTimeout(timer);
    sources.length = 0;
    timer = null;
    armedForMs = null;
  };

  const delay = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    });

  return { now, wall: () => Date.now(), register: (source) => sources.push(source), rearm, delay, close };
}

/** Rounded up: a timer that fires early would only be armed again. */
function delayUntil(atMs: number, exactNowMs: number): number {
  return Math.min(LIMITS.timerMaxMs, Math.max(0, Math.ceil(atMs - exactNowMs)));
}
