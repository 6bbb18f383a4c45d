/**
 * From a sender into mailboxes: whom an address means, whether each of them takes the message now, and what
 * happens to a sender whose message finds a full mailbox. Such a message stays in the sender's one slot and
 * the sender is not read meanwhile; it still gets its own deliveries. Waiting senders get their turn in the
 * order they came. When the run of a blocked sender ends, its message keeps its turn, because it was read;
 * one such orphan per job is kept, a second one is turned away, so a crash loop cannot pile them up.
 */
import { assert } from '../base/assert.ts';
import { LIMITS } from '../limits.ts';
import { leastOutstanding } from './balance.ts';
import { syncReading, writeHint } from './channels.ts';
import { wouldDeadlock } from './cycles.ts';
import { pump } from './delivery.ts';
import { mailboxPressureLine, utf8Bytes } from './lines.ts';
import { canMakeRoom, enqueue, markFreed, roomFor } from './mailbox.ts';
import { peekFirst, pushLast, removeItem, takeFirst } from './queue.ts';
import { reject } from './rejection.ts';
import {
  type Channel,
  type Draft,
  isCurrent,
  outstandingOf,
  type RelayState,
  type Station,
} from './state.ts';
import { createTicket } from './tickets.ts';
import { EVERYBODY, OPERATOR, type RejectReason } from './types.ts';

/** What a sender wrote, before it is known whom it reaches. `sender` null: the operator. */
export interface Posting {
  readonly sender: Channel | null;
  readonly body: string;
  readonly id: string | null;
  readonly inReplyTo: string | null;
  readonly topic: string | null;
}

/** A message to an address. */
export function sendTo(relay: RelayState, posting: Posting, to: string): void {
  begin(relay, posting, { to, targets: resolve(relay, posting.sender, to), otherwise: 'no-such-job' });
}

/** A message to everybody who is subscribed to its topic, the sender too if it is. */
export function publish(relay: RelayState, posting: Posting, topic: string): void {
  const targets = [...(relay.subscribers.get(topic) ?? [])];
  begin(relay, posting, { to: topic, targets, otherwise: 'no-subscribers' });
}

function begin(
  relay: RelayState,
  posting: Posting,
  address: { readonly to: string; readonly targets: readonly Station[]; readonly otherwise: RejectReason },
): void {
  const draft = draftOf(posting, address.targets);
  if (address.targets.length === 0) {
    reject(relay, draft, { to: address.to, reason: address.otherwise });
  } else if (draft.bodyBytes > LIMITS.frameMaxBytes) {
    // Turned away once, not once per target.
    reject(relay, draftOf(posting, []), { to: address.to, reason: 'too-large' });
  } else {
    send(relay, draft);
  }
}

/** `targets` empty: it will be decided once, by what is said about the address as a whole. */
export function draftOf(posting: Posting, targets: readonly Station[]): Draft {
  const { sender, body, id, inReplyTo, topic } = posting;
  const bodyBytes = utf8Bytes(body);
  const namesBytes = (id ?? '').length + (inReplyTo ?? '').length + (topic ?? '').length;
  // Field by field: a spread would cost more than all the rest of a message's way.
  return {
    sender,
    from: sender === null ? OPERATOR : sender.station.name,
    id,
    inReplyTo,
    topic,
    body,
    bodyBytes,
    costBytes: bodyBytes + namesBytes + LIMITS.messageOverheadBytes,
    ticket: createTicket(sender, id, targets.length),
    targets,
    next: 0,
  };
}

function resolve(relay: RelayState, sender: Channel | null, to: string): readonly Station[] {
  if (to === EVERYBODY) {
    const own = sender === null ? null : sender.station;
    return [...relay.stations.values()].filter((station) => station !== own && !isAtRest(station));
  }
  const station = relay.stations.get(to);
  if (station !== undefined) return [station];
  const replicas = relay.replicas.get(to);
  if (replicas === undefined) return [];
  const able = replicas.filter((replica) => !isAtRest(replica));
  const chosen = leastOutstanding(
    (able.length > 0 ? able : replicas).map((replica) => ({
      station: replica,
      outstanding: outstandingOf(replica),
    })),
  );
  assert(chosen !== undefined, 'a shared name has at least one replica');
  return [chosen.station];
}

/** A job that neither runs nor will run by itself takes no messages. */
function isAtRest(station: Station): boolean {
  return station.reachability === 'stopped' || station.reachability === 'quarantined';
}

/** Offers a draft to its targets in turn, until one of them makes it wait. */
function send(relay: RelayState, draft: Draft): void {
  for (let target = draft.targets[draft.next]; target !== undefined; target = draft.targets[draft.next]) {
    const verdict = judge(relay, draft, target);
    if (verdict === 'hold') {
      hold(relay, draft, target);
      return;
    }
    conclude(relay, draft, target, verdict);
  }
}

type Verdict = 'accept' | 'hold' | RejectReason;

function judge(relay: RelayState, draft: Draft, target: Station): Verdict {
  if (relay.stations.get(target.name) !== target) return 'no-such-job';
  if (target.reachability === 'stopped') return 'stopped';
  if (target.reachability === 'quarantined') return 'quarantined';
  const hasRoom = roomFor(relay, target, draft.costBytes) === 'room';
  switch (target.mailbox.overflow) {
    case 'reject':
      return hasRoom ? 'accept' : 'mailbox-full';
    case 'drop-oldest':
      return canMakeRoom(relay, target, draft.costBytes) ? 'accept' : 'mailbox-full';
    case 'block': {
      const first = peekFirst(target.waiters);
      if (hasRoom && (first === undefined || first === draft)) return 'accept';
      // A person is never kept waiting.
      if (draft.sender === null) return 'mailbox-full';
      return wouldDeadlock(relay, draft, target) ? 'cycle' : 'hold';
    }
  }
}

/** One target is done with: it took the draft, or turned it away. */
function conclude(relay: RelayState, draft: Draft, target: Station, verdict: Exclude<Verdict, 'hold'>): void {
  draft.next += 1;
  if (verdict === 'accept') {
    enqueue(relay, target, draft);
    pump(relay, target);
    return;
  }
  target.rejected += 1;
  reject(relay, draft, { to: target.name, reason: verdict, depth: outstandingOf(target) });
}

function hold(relay: RelayState, draft: Draft, target: Station): void {
  pushLast(target.waiters, draft);
  if (roomFor(relay, target, draft.costBytes) === 'relay-full') relay.starved.add(target);
  const { sender } = draft;
  assert(sender !== null, 'the operator is never held');
  if (!isCurrent(sender)) {
    sender.station.orphans.add(draft);
    return;
  }
  assert(sender.held === null || sender.held === draft, 'a sender has one slot');
  sender.held = draft;
  syncReading(relay, sender);
  tellPressure(relay, sender, target);
}

/** Once per congestion of a mailbox, not once per message that finds it full. */
function tellPressure(relay: RelayState, sender: Channel, target: Station): void {
  if (sender.toldAbout.get(target) === target.congestion) return;
  sender.toldAbout.set(target, target.congestion);
  writeHint(relay, sender, mailboxPressureLine(target.name, outstandingOf(target), target.mailbox.capacity));
}

/** Something about this mailbox changed: its waiters get their turn, first come first served. */
export function admitWaiters(relay: RelayState, target: Station): void {
  relay.starved.delete(target);
  for (let draft = peekFirst(target.waiters); draft !== undefined; draft = peekFirst(target.waiters)) {
    const verdict = judge(relay, draft, target);
    if (verdict === 'hold') {
      if (roomFor(relay, target, draft.costBytes) === 'relay-full') relay.starved.add(target);
      return;
    }
    takeFirst(target.waiters);
    conclude(relay, draft, target, verdict);
    send(relay, draft);
    if (draft.next === draft.targets.length) released(relay, draft);
  }
}

/** A draft is through, or withdrawn: its sender has its slot back. */
function released(relay: RelayState, draft: Draft): void {
  const { sender } = draft;
  assert(sender !== null, 'the operator is never held');
  sender.station.orphans.delete(draft);
  if (sender.held !== draft) return;
  sender.held = null;
  relay.released.add(sender);
}

/**
 * The run of a sender is over: its held message keeps its turn, unless an older one still waits. Each target
 * it has not reached gets a draft of its own now, so that what the next run sends cannot come before it.
 */
export function orphan(relay: RelayState, channel: Channel): void {
  const draft = channel.held;
  if (draft === null) return;
  channel.held = null;
  const { orphans } = channel.station;
  if (orphans.size > 0) {
    withdraw(relay, draft);
    return;
  }
  const [current, ...others] = draft.targets.slice(draft.next);
  assert(current !== undefined, 'a held draft has a target');
  draft.targets = [current];
  draft.next = 0;
  orphans.add(draft);
  for (const target of others) send(relay, { ...draft, targets: [target], next: 0 });
}

/** Gives up a held draft: every target it has not reached counts as full. */
export function withdraw(relay: RelayState, draft: Draft): void {
  const target = draft.targets[draft.next];
  assert(target !== undefined, 'a held draft has a target');
  removeItem(target.waiters, draft);
  markFreed(relay, target);
  // Back in it, if somebody else still waits, when its waiters get their turn.
  relay.starved.delete(target);
  for (const missed of draft.targets.slice(draft.next)) conclude(relay, draft, missed, 'mailbox-full');
  released(relay, draft);
}
