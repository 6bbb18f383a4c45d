/**
 * What a child's frames mean, once their envelope was checked. Reports about itself are passed on; topics are
 * kept here. A job's subscriptions outlive its runs, so nothing published while it restarts is missed; they
 * end when it comes to rest.
 */
import { assert } from '../base/assert.ts';
import { LIMITS } from '../limits.ts';
import { syncReading, writeHint } from './channels.ts';
import { acknowledged, greeted } from './delivery.ts';
import { errorLine } from './lines.ts';
import { takeFirst } from './queue.ts';
import { reject } from './rejection.ts';
import { draftOf, publish, sendTo } from './sending.ts';
import { type Channel, isCurrent, type RelayState, type Station } from './state.ts';
import { ticketAccepted, ticketSettled } from './tickets.ts';
import { type Frame, OPERATOR, RELAY_ERRORS } from './types.ts';

/** Deals with one frame of a run that may be read from now. */
export function receive(relay: RelayState, channel: Channel, frame: Frame): void {
  switch (frame.kind) {
    case 'message':
      receiveMessage(relay, channel, frame);
      return;
    case 'publish': {
      const { body, id, topic } = frame;
      publish(relay, { sender: channel, body, id, inReplyTo: null, topic }, topic);
      return;
    }
    case 'subscribe':
      subscribe(relay, channel, frame.topic);
      return;
    case 'unsubscribe':
      unsubscribe(relay, channel.station, frame.topic);
      return;
    case 'ready':
    case 'heartbeat':
    case 'progress':
    case 'yield':
      relay.effects.push({
        type: 'child.reported',
        job: channel.station.name,
        incarnation: channel.incarnation,
        report: frame,
      });
      return;
    case 'hello':
      greeted(relay, channel, frame.acknowledges);
      return;
    case 'acknowledge':
      acknowledged(relay, channel, frame.delivery);
      return;
  }
}

/** Frames that arrived while the run was not to be read, until it is again not to be read. */
export function replay(relay: RelayState, channel: Channel): void {
  while (isCurrent(channel) && channel.held === null && !channel.overloaded) {
    const frame = takeFirst(channel.backlog);
    if (frame === undefined) break;
    receive(relay, channel, frame);
  }
  syncReading(relay, channel);
}

function receiveMessage(
  relay: RelayState,
  channel: Channel,
  frame: Extract<Frame, { readonly kind: 'message' }>,
): void {
  const { to, body, id, inReplyTo } = frame;
  const posting = { sender: channel, body, id, inReplyTo, topic: null };
  if (to !== OPERATOR) {
    sendTo(relay, posting, to);
    return;
  }
  const draft = draftOf(posting, []);
  if (inReplyTo === null) {
    reject(relay, draft, { to, reason: 'no-such-job' });
    return;
  }
  relay.effects.push({ type: 'operator.replied', inReplyTo, from: draft.from, body });
  if (draft.ticket === null) return;
  ticketAccepted(relay, draft.ticket, { depth: null, waiting: false });
  ticketSettled(relay, draft.ticket, null, null);
}

function subscribe(relay: RelayState, channel: Channel, topic: string): void {
  const { station } = channel;
  if (station.topics.has(topic)) return;
  if (station.topics.size >= LIMITS.topicsPerJob) {
    writeHint(
      relay,
      channel,
      errorLine('SUPERVISE_TOPICS_FULL', `${RELAY_ERRORS.SUPERVISE_TOPICS_FULL}: ${LIMITS.topicsPerJob}`),
    );
    return;
  }
  station.topics.add(topic);
  const subscribers = relay.subscribers.get(topic);
  if (subscribers === undefined) relay.subscribers.set(topic, new Set([station]));
  else subscribers.add(station);
}

function unsubscribe(relay: RelayState, station: Station, topic: string): void {
  if (!station.topics.delete(topic)) return;
  const subscribers = relay.subscribers.get(topic);
  assert(subscribers !== undefined, 'a topic knows its subscribers');
  subscribers.delete(station);
  if (subscribers.size === 0) relay.subscribers.delete(topic);
}

export function unsubscribeAll(relay: RelayState, station: Station): void {
  for (const topic of station.topics) unsubscribe(relay, station, topic);
}
