/**
 * The bounded mailbox of one job: what fits, what is let in, what becomes a dead letter, and the counters
 * whose sum is checked by tests. A message in flight keeps its place, so that it still fits when its run
 * dies and it comes back; only `drop-oldest` bounds what waits alone, since a message that is on its way can
 * no longer be dropped. Knows nothing of sockets or credits.
 */
import { assert } from '../base/assert.ts';
import { LIMITS } from '../limits.ts';
import { peekFirst, pushLast, queueLength, takeFirst } from './queue.ts';
import { type Draft, type Message, outstandingOf, type RelayState, type Station } from './state.ts';
import { ticketAccepted, ticketSettled } from './tickets.ts';
import type { DeadLetterReason } from './types.ts';

/** `relay-full`: the mailbox has room, but all mailboxes together have none. */
export type Room = 'room' | 'mailbox-full' | 'relay-full';

export function roomFor(relay: RelayState, station: Station, costBytes: number): Room {
  const dropsOldest = station.mailbox.overflow === 'drop-oldest';
  const count = dropsOldest ? queueLength(station.queue) : outstandingOf(station);
  const flying = dropsOldest || station.channel === null ? 0 : station.channel.inFlightCostBytes;
  if (count >= Math.max(station.mailbox.capacity, 1)) return 'mailbox-full';
  if (station.queuedBytes + flying + costBytes > LIMITS.mailboxMaxBytes) return 'mailbox-full';
  if (relay.totalBytes + costBytes > LIMITS.relayMaxBytes) return 'relay-full';
  return 'room';
}

/** True when a `drop-oldest` mailbox can take a message by giving up what waits in it. */
export function canMakeRoom(relay: RelayState, station: Station, costBytes: number): boolean {
  return relay.totalBytes - station.queuedBytes + costBytes <= LIMITS.relayMaxBytes;
}

/** Accepts a message. The caller has made sure that it fits, or can be made to. */
export function enqueue(relay: RelayState, station: Station, draft: Draft): void {
  if (station.mailbox.overflow === 'drop-oldest') {
    while (roomFor(relay, station, draft.costBytes) !== 'room') buryOldest(relay, station, 'mailbox-full');
  }
  assert(roomFor(relay, station, draft.costBytes) === 'room', 'only what fits is accepted');
  pushLast(station.queue, messageOf(draft));
  station.queuedBytes += draft.costBytes;
  relay.totalBytes += draft.costBytes;
  station.accepted += 1;
  if (draft.ticket === null) return;
  const waiting = station.reachability === 'waiting';
  ticketAccepted(relay, draft.ticket, { depth: outstandingOf(station), waiting });
}

/** Takes the first message out of the queue, for its flight or its burial; it stays on the relay's account. */
export function takeQueued(station: Station): Message {
  const message = takeFirst(station.queue);
  assert(message !== undefined, 'there is a message to take');
  station.queuedBytes -= message.costBytes;
  return message;
}

/** Every message that waits becomes a dead letter. */
export function emptyMailbox(relay: RelayState, station: Station, reason: DeadLetterReason): void {
  while (peekFirst(station.queue) !== undefined) buryOldest(relay, station, reason);
}

/** A `drop-oldest` mailbox that messages came back to gives up its oldest until it is within its bounds. */
export function trim(relay: RelayState, station: Station): void {
  if (station.mailbox.overflow !== 'drop-oldest') return;
  while (
    queueLength(station.queue) > Math.max(station.mailbox.capacity, 1) ||
    station.queuedBytes > LIMITS.mailboxMaxBytes
  ) {
    buryOldest(relay, station, 'mailbox-full');
  }
}

function buryOldest(relay: RelayState, station: Station, reason: DeadLetterReason): void {
  bury(relay, station, takeQueued(station), reason);
}

/** An accepted message that is no longer queued nor in flight becomes a dead letter. */
export function bury(relay: RelayState, station: Station, message: Message, reason: DeadLetterReason): void {
  station.deadLettered += 1;
  relay.effects.push({
    type: 'message.dead-lettered',
    from: message.from,
    to: station.name,
    reason,
    bytes: message.bodyBytes,
    id: message.id,
    accepted: true,
  });
  settle(relay, station, message, reason);
}

/** A message is off the relay's hands: its place is free and its sender hears of it. */
export function settle(
  relay: RelayState,
  station: Station,
  message: Message,
  reason: DeadLetterReason | null,
): void {
  relay.totalBytes -= message.costBytes;
  assert(relay.totalBytes >= 0, 'no message is settled twice');
  const { ticket } = message;
  message.ticket = null;
  if (ticket !== null) ticketSettled(relay, ticket, reason, outstandingOf(station));
  markFreed(relay, station);
}

/** Room came about: whoever waits for it gets its turn before the step ends. */
export function markFreed(relay: RelayState, station: Station): void {
  if (queueLength(station.waiters) > 0) relay.freed.add(station);
  else if (outstandingOf(station) * 2 <= station.mailbox.capacity) station.congestion += 1;
  for (const starved of relay.starved) relay.freed.add(starved);
}

function messageOf(draft: Draft): Message {
  return {
    from: draft.from,
    id: draft.id,
    inReplyTo: draft.inReplyTo,
    topic: draft.topic,
    body: draft.body,
    bodyBytes: draft.bodyBytes,
    costBytes: draft.costBytes,
    ticket: draft.ticket,
    delivery: 0,
    lineBytes: 0,
  };
}
