/** Requests that are answered once something has become true: looked at after each turn, given up in time. */
import { earliestOf } from '../core/base/instants.ts';
import type { State } from '../core/state.ts';
import type { Clock, WakeSource } from './clock.ts';
import type { Loop } from './loop.ts';

export interface Waits {
  readonly source: WakeSource;
  /** Resolves with what `look` finds, or null after `timeoutMs`. */
  readonly until: <T>(look: (state: State) => T | null, timeoutMs: number) => Promise<T | null>;
}

interface Wait {
  readonly untilMs: number;
  /** True: it is settled. */
  readonly attempt: () => boolean;
  readonly giveUp: () => void;
}

export function createWaits(clock: Clock, loop: Pick<Loop, 'state' | 'onTurn'>): Waits {
  let waits: Wait[] = [];
  loop.onTurn(() => {
    if (waits.length > 0) waits = waits.filter((wait) => !wait.attempt());
  });
  return {
    source: {
      wakeAtMs: () => earliestOf(waits.map(({ untilMs }) => untilMs)),
      woke: () => {
        const nowMs = clock.now();
        const over = waits.filter((wait) => wait.untilMs <= nowMs);
        waits = waits.filter((wait) => wait.untilMs > nowMs);
        for (const wait of over) wait.giveUp();
      },
    },
    until: <T>(look: (state: State) => T | null, timeoutMs: number) =>
      new Promise<T | null>((resolve) => {
        const attempt = (): boolean => {
          const found = look(loop.state());
          if (found === null) return false;
          resolve(found);
          return true;
        };
        if (attempt()) return;
        waits.push({ untilMs: clock.now() + timeoutMs, attempt, giveUp: () => resolve(null) });
        clock.rearm();
      }),
  };
}
