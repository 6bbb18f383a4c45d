/**
 * From the mailbox into the run: what may be written now (credits), when a message counts as delivered, and
 * what a hello takes back. For a child that does not acknowledge, delivered means taken by the kernel; for
 * one that does, acknowledged. Never looks at senders.
 */
import { assert } from '../base/assert.ts';
import { LIMITS } from '../limits.ts';
import { controlTaken, writeLine } from './channels.ts';
import { MESSAGE_TAIL, messageHead, utf8Bytes } from './lines.ts';
import { markFreed, settle, takeQueued } from './mailbox.ts';
import { peekFirst, takeFirst } from './queue.ts';
import type { Channel, Message, RelayState, Station } from './state.ts';

/** Writes what waits, as far as the credit reaches: a window of bytes, or one message larger than it. */
export function pump(relay: RelayState, station: Station): void {
  const { channel } = station;
  if (channel === null || station.reachability !== 'delivering') return;
  for (let message = peekFirst(station.queue); message !== undefined; message = peekFirst(station.queue)) {
    // The body alone tells, in most cases, that there is no credit; then no line is built in vain.
    if (!hasCredit(channel, message.bodyBytes)) return;
    message.delivery ||= ++station.lastDelivery;
    const head = messageHead(message, station.name);
    message.lineBytes = utf8Bytes(head) + message.bodyBytes + MESSAGE_TAIL.length;
    if (!hasCredit(channel, message.lineBytes)) return;
    takeQueued(station);
    channel.inFlight.set(message.delivery, message);
    channel.windowBytes += message.lineBytes;
    channel.inFlightCostBytes += message.costBytes;
    writeLine(relay, channel, {
      text: head + message.body + MESSAGE_TAIL,
      bytes: message.lineBytes,
      message,
    });
  }
}

function hasCredit(channel: Channel, bytes: number): boolean {
  return channel.windowBytes === 0 || channel.windowBytes + bytes <= LIMITS.creditBytes;
}

/** The kernel took bytes of what was written, in order: lines that are complete count. */
export function bytesTaken(relay: RelayState, channel: Channel, bytes: number): void {
  channel.takenBytes += bytes;
  for (let line = peekFirst(channel.lines); line !== undefined; line = peekFirst(channel.lines)) {
    if (channel.takenBytes < line.bytes) break;
    channel.takenBytes -= line.bytes;
    takeFirst(channel.lines);
    if (line.message === null) controlTaken(relay, channel, line.bytes);
    else taken(relay, channel, line.message);
  }
  assert(
    channel.takenBytes === 0 || peekFirst(channel.lines) !== undefined,
    'the kernel takes no more than was written',
  );
  pump(relay, channel.station);
}

/** The kernel has the whole line. That is delivery, unless the child acknowledges, or did so already. */
function taken(relay: RelayState, channel: Channel, message: Message): void {
  if (channel.acknowledges === 'yes' || !channel.inFlight.has(message.delivery)) return;
  delivered(relay, channel, message);
  if (channel.acknowledges === 'unknown') remember(relay, channel, message);
}

/** A child has dealt with a message. It may say so before its hello; without one it need not. */
export function acknowledged(relay: RelayState, channel: Channel, delivery: number): void {
  if (channel.acknowledges === 'no') return;
  const message = channel.inFlight.get(delivery);
  if (message === undefined) {
    forgetOne(relay, channel, delivery);
    return;
  }
  delivered(relay, channel, message);
  pump(relay, channel.station);
}

function delivered(relay: RelayState, channel: Channel, message: Message): void {
  leaveFlight(channel, message);
  channel.station.delivered += 1;
  settle(relay, channel.station, message, null);
}

/** Takes a message out of the window: its credit returns. */
function leaveFlight(channel: Channel, message: Message): void {
  const known = channel.inFlight.delete(message.delivery);
  assert(known, 'a message leaves its flight once');
  channel.windowBytes -= message.lineBytes;
  channel.inFlightCostBytes -= message.costBytes;
}

/** Keeps what was delivered for a hello that may still come; too much of it, and the run counts as mute. */
function remember(relay: RelayState, channel: Channel, message: Message): void {
  channel.remembered.push(message);
  channel.rememberedBytes += message.costBytes;
  relay.rememberedBytes += message.costBytes;
  if (
    channel.rememberedBytes > LIMITS.helloWindowBytes ||
    relay.rememberedBytes > LIMITS.helloWindowTotalBytes
  ) {
    forgetRemembered(relay, channel);
    channel.acknowledges = 'no';
  }
}

/** Delivered before the hello and acknowledged before it too: nothing to take back. */
function forgetOne(relay: RelayState, channel: Channel, delivery: number): void {
  const known = channel.remembered.find((message) => message.delivery === delivery);
  if (known === undefined) return;
  channel.remembered = channel.remembered.filter((message) => message !== known);
  channel.rememberedBytes -= known.costBytes;
  relay.rememberedBytes -= known.costBytes;
}

export function forgetRemembered(relay: RelayState, channel: Channel): void {
  relay.rememberedBytes -= channel.rememberedBytes;
  channel.rememberedBytes = 0;
  channel.remembered = [];
}

/**
 * The child says whether it acknowledges. What it was sent before counts too: it is in flight again, though
 * its final receipt was given. That may lift a mailbox above its capacity by at most the remembered window;
 * nothing more is accepted until it is below. A child cannot stop acknowledging once it has begun.
 */
export function greeted(relay: RelayState, channel: Channel, acknowledges: boolean): void {
  if (channel.acknowledges === 'yes') return;
  const again = acknowledges ? channel.remembered : [];
  forgetRemembered(relay, channel);
  channel.acknowledges = acknowledges ? 'yes' : 'no';
  if (again.length === 0) return;
  const newer = channel.inFlight;
  channel.inFlight = new Map();
  for (const message of again) {
    channel.inFlight.set(message.delivery, message);
    channel.windowBytes += message.lineBytes;
    channel.inFlightCostBytes += message.costBytes;
    relay.totalBytes += message.costBytes;
    channel.station.delivered -= 1;
  }
  for (const [delivery, message] of newer) channel.inFlight.set(delivery, message);
}

/** What is in flight, in the order written; the window is empty afterwards. */
export function takeFlight(relay: RelayState, channel: Channel): Message[] {
  const messages = [...channel.inFlight.values()];
  for (const message of messages) leaveFlight(channel, message);
  assert(
    channel.windowBytes === 0 && channel.inFlightCostBytes === 0,
    'the window is the sum of its messages',
  );
  forgetRemembered(relay, channel);
  markFreed(relay, channel.station);
  return messages;
}
