/**
 * What the relay says into a run's channel and whether it goes on reading from it. Owns the bound on control
 * lines: receipts were asked for and are never dropped, so a child that does not take them is not read until
 * it does; errors and pressure are hints and are dropped, counted, above the same bound. So a child that
 * never reads can make neither grow. Knows nothing of mailboxes.
 */
import { assert } from '../base/assert.ts';
import { LIMITS } from '../limits.ts';
import { type Receipt, receiptLine, utf8Bytes } from './lines.ts';
import { pushLast } from './queue.ts';
import { type Channel, isCurrent, type Message, type RelayState } from './state.ts';

/** Appends a line to what this step writes; it counts as in the socket from now on. */
export function writeLine(
  relay: RelayState,
  channel: Channel,
  line: { readonly text: string; readonly bytes: number; readonly message: Message | null },
): void {
  if (channel.outgoing === '') relay.dirty.push(channel);
  channel.outgoing += line.text;
  pushLast(channel.lines, { bytes: line.bytes, message: line.message });
}

/** A receipt for something this run sent; nothing when the run is over. */
export function writeReceipt(relay: RelayState, channel: Channel, receipt: Receipt): void {
  if (!isCurrent(channel)) return;
  const text = receiptLine(receipt);
  const bytes = utf8Bytes(text);
  channel.controlBytes += bytes;
  writeLine(relay, channel, { text, bytes, message: null });
  if (channel.controlBytes <= LIMITS.controlMaxBytes) return;
  channel.overloaded = true;
  syncReading(relay, channel);
}

/** An `error` or `pressure` line: worth writing only while the child takes what it is sent. */
export function writeHint(relay: RelayState, channel: Channel, text: string): void {
  if (!isCurrent(channel)) return;
  const bytes = utf8Bytes(text);
  if (channel.controlBytes + bytes > LIMITS.controlMaxBytes) {
    channel.station.hintsDropped += 1;
    return;
  }
  channel.controlBytes += bytes;
  writeLine(relay, channel, { text, bytes, message: null });
}

/** The kernel took control bytes. Reading resumes at half the bound, so that it does not flicker. */
export function controlTaken(relay: RelayState, channel: Channel, bytes: number): void {
  channel.controlBytes -= bytes;
  if (!channel.overloaded || channel.controlBytes * 2 > LIMITS.controlMaxBytes) return;
  channel.overloaded = false;
  relay.released.add(channel);
}

/** True while nothing more may be taken from this run. */
export function mustPause(channel: Channel): boolean {
  return channel.held !== null || channel.overloaded;
}

/** Tells the daemon when whether to read from this run has changed. */
export function syncReading(relay: RelayState, channel: Channel): void {
  if (!isCurrent(channel) || channel.paused === mustPause(channel)) return;
  channel.paused = mustPause(channel);
  relay.effects.push({
    type: channel.paused ? 'reading.paused' : 'reading.resumed',
    job: channel.station.name,
    incarnation: channel.incarnation,
  });
}

/** Turns what this step wrote into one effect per run. */
export function flush(relay: RelayState): void {
  if (relay.dirty.length === 0) return;
  for (const channel of relay.dirty) {
    assert(isCurrent(channel), 'nothing is written to a run that is over');
    const { station, incarnation, outgoing } = channel;
    relay.effects.push({ type: 'write', job: station.name, incarnation, data: outgoing });
    channel.outgoing = '';
  }
  relay.dirty = [];
}
