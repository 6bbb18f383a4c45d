/**
 * The loop: one input at a time, decide → journal → adopt → perform. Never re-entrant: what performing an effect
 * reports back is queued and taken next. Nothing here awaits.
 */
import { assert } from '../core/base/assert.ts';
import type { Effect } from '../core/effect.ts';
import type { Input } from '../core/input.ts';
import { LIMITS } from '../core/limits.ts';
import type { State } from '../core/state.ts';
import { decide, wakeAt } from '../core/supervisor.ts';
import type { EventRecord } from '../wire/api.ts';
import type { Clock } from './clock.ts';
import type { Journal } from './journal.ts';

export interface Loop {
  readonly post: (input: Input) => void;
  readonly state: () => State;
  /** Last inputs with their instants, for the flight recorder. */
  readonly recorded: () => readonly { readonly atMs: number; readonly input: Input }[];
  /** Called after each turn in which the state changed. */
  readonly onTurn: (listener: (records: readonly EventRecord[]) => void) => () => void;
}

export interface LoopParts {
  readonly initial: State;
  readonly clock: Clock;
  readonly journal: Journal;
  /** The state has advanced; called before the effects are performed, so that who follows it is ready for them. */
  readonly adopted: (state: State, records: readonly EventRecord[]) => void;
  readonly perform: (effect: Effect) => void;
  /** A bug: everything has to end. Must not return to the loop. */
  readonly onBug: (error: unknown) => void;
}

/** Makes the loop and registers it with the clock. */
export function createLoop(parts: LoopParts): Loop {
  const { clock, journal, adopted, perform, onBug } = parts;
  const queue: Input[] = [];
  const recorded: { atMs: number; input: Input }[] = [];
  const listeners = new Set<(records: readonly EventRecord[]) => void>();
  let state = parts.initial;
  let draining = false;
  let wakeAtMs: number | null = null;
  let decidedAtMs = 0;

  const turn = (input: Input): void => {
    const atMs = clock.now();
    decidedAtMs = atMs;
    recorded.push({ atMs, input });
    if (recorded.length > LIMITS.recorderMax * 2) recorded.splice(0, recorded.length - LIMITS.recorderMax);
    const decision = decide(state, input, atMs);
    const records = decision.events.length === 0 ? NO_RECORDS : journal.append(decision.events);
    state = decision.next;
    adopted(state, records);
    for (const effect of decision.effects) perform(effect);
    if (records.length > 0) for (const listener of listeners) listener(records);
  };

  const drain = (): void => {
    draining = true;
    try {
      for (let input = queue.shift(); input !== undefined; input = queue.shift()) turn(input);
      // As of the last decision: what has become due since then makes the timer fire at once.
      wakeAtMs = wakeAt(state, decidedAtMs);
    } catch (error) {
      onBug(error);
    } finally {
      draining = false;
    }
    clock.rearm();
  };

  const post = (input: Input): void => {
    assert(queue.length < LIMITS.inputQueueMax, 'the input queue is full');
    queue.push(input);
    if (!draining) drain();
  };

  clock.register({ wakeAtMs: () => wakeAtMs, woke: () => post({ type: 'clock.woke' }) });
  return {
    post,
    state: () => state,
    recorded: () => recorded,
    onTurn: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const NO_RECORDS: readonly EventRecord[] = [];
