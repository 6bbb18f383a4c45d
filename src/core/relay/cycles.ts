/**
 * Finds senders that would wait for each other. A blocked sender waits for the mailbox it wants to reach, or,
 * when the relay as a whole is full, for any mailbox that holds something. It is a deadlock when everybody
 * it could be helped by, directly or through others, is a blocked sender too. Called before a sender is
 * blocked, so that no deadlock ever comes about.
 */
import { assert } from '../base/assert.ts';
import { roomFor } from './mailbox.ts';
import { peekFirst } from './queue.ts';
import { type Draft, isCurrent, outstandingOf, type RelayState, type Station } from './state.ts';

/** True when holding this draft for `target` would leave nobody who could make room for it. */
export function wouldDeadlock(relay: RelayState, draft: Draft, target: Station): boolean {
  const { sender } = draft;
  // The held message of a run that has ended blocks nobody.
  if (sender === null || !isCurrent(sender)) return false;
  const seen = new Set<Station>([sender.station]);
  const open = helpersOf(relay, draft, target);
  for (let station = open.pop(); station !== undefined; station = open.pop()) {
    if (seen.has(station)) continue;
    seen.add(station);
    const held = station.channel === null ? null : station.channel.held;
    if (held === null) return false;
    const next = held.targets[held.next];
    assert(next !== undefined, 'a held draft has a target');
    open.push(...helpersOf(relay, held, next));
  }
  return true;
}

/** Whoever could make room for this draft. */
function helpersOf(relay: RelayState, draft: Draft, target: Station): Station[] {
  // Nobody overtakes: behind another waiter it waits for what that one waits for.
  const first = peekFirst(target.waiters);
  const costBytes = Math.max(draft.costBytes, first === undefined ? 0 : first.costBytes);
  if (roomFor(relay, target, costBytes) !== 'relay-full') return [target];
  return [...relay.stations.values()].filter((station) => outstandingOf(station) > 0);
}
