/** Waiting for a condition, never for time: polls with a generous limit and says what it waited for. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Wait {
  /** What is waited for, for the message of a failure; a function is asked when time is over. */
  readonly describe: string | (() => string | Promise<string>);
  readonly withinMs?: number;
  readonly everyMs?: number;
}

type Found<T> = Exclude<T, false | null | undefined>;

/** The first result of `look` that is neither false, null nor undefined; throws when time is over. */
export async function until<T>(look: () => T | Promise<T>, wait: Wait): Promise<Found<T>> {
  const { withinMs = 30_000, everyMs = 20 } = wait;
  const startedMs = performance.now();
  for (;;) {
    const found = await look();
    if (found !== false && found !== null && found !== undefined) return found as Found<T>;
    if (performance.now() - startedMs > withinMs) break;
    await sleep(everyMs);
  }
  const text = typeof wait.describe === 'string' ? wait.describe : await wait.describe();
  throw new Error(`not within ${withinMs} ms: ${text}`);
}
