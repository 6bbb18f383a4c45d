/**
 * The relay: one deterministic machine that holds a bounded mailbox per job and moves messages between runs
 * that never touch. No I/O, no clock, no randomness; the same inputs give the same effects. Unlike the
 * supervisor's core its state is updated in place, by `stepRelay` alone: envelopes are not journalled, and
 * hundreds of thousands of messages a second leave no time for copies of what a fold would throw away.
 *
 * Invariants: every accepted message is delivered, queued, in flight or a dead letter, exactly one of them ·
 * messages of one sender reach one receiver in their order · nothing grows without a bound in `limits.ts` ·
 * no effect names a run that is not current · senders never wait for each other.
 */
import { assert } from '../base/assert.ts';
import { LIMITS } from '../limits.ts';
import { flush, writeHint } from './channels.ts';
import { bytesTaken } from './delivery.ts';
import { receive, replay } from './frames.ts';
import { memoryPressureLine } from './lines.ts';
import { pushLast, queueLength } from './queue.ts';
import { addJob, changeReachability, endRun, openChannel, refuseFrame, removeJob } from './runs.ts';
import { admitWaiters, sendTo } from './sending.ts';
import { type Channel, createRelayState, type RelayState } from './state.ts';
import type { Frame, RelayCounters, RelayEffect, RelayInput } from './types.ts';

export type { RelayState } from './state.ts';

/** A relay that knows no jobs. */
export function createRelay(): RelayState {
  return createRelayState();
}

/** Takes one input, changes the state in place and returns what the daemon has to do, in order. */
export function stepRelay(relay: RelayState, input: RelayInput, nowMs: number): RelayEffect[] {
  relay.nowMs = nowMs;
  apply(relay, input);
  // Room that came about is given away here and not where it arose, so that no chain of mailboxes nests.
  while (relay.freed.size > 0 || relay.released.size > 0) {
    for (const station of relay.freed) {
      relay.freed.delete(station);
      admitWaiters(relay, station);
    }
    for (const channel of relay.released) {
      relay.released.delete(channel);
      replay(relay, channel);
    }
  }
  flush(relay);
  const { effects } = relay;
  relay.effects = [];
  return effects;
}

/** The mailbox of a job as `status` shows it; null: no such job. */
export function relayCounters(relay: RelayState, job: string): RelayCounters | null {
  const station = relay.stations.get(job);
  if (station === undefined) return null;
  const { channel } = station;
  return {
    depth: queueLength(station.queue),
    inFlight: channel === null ? 0 : channel.inFlight.size,
    capacity: station.mailbox.capacity,
    accepted: station.accepted,
    delivered: station.delivered,
    deadLettered: station.deadLettered,
    rejected: station.rejected,
    hintsDropped: station.hintsDropped,
    bytes: station.queuedBytes + (channel === null ? 0 : channel.inFlightCostBytes),
    inFlightBytes: channel === null ? 0 : channel.windowBytes,
  };
}

function apply(relay: RelayState, input: RelayInput): void {
  switch (input.type) {
    case 'job.added':
      addJob(relay, input);
      return;
    case 'job.removed':
    case 'job.reachable':
    case 'channel.opened':
      applyToJob(relay, input);
      return;
    case 'operator.sent':
      sendTo(relay, { sender: null, body: input.body, id: input.id, inReplyTo: null, topic: null }, input.to);
      return;
    case 'run.ended':
    case 'frame.received':
    case 'frame.refused':
    case 'bytes.written':
    case 'pressure.raised':
      applyToRun(relay, input);
      return;
  }
}

type JobInput = Extract<RelayInput, { readonly type: 'job.removed' | 'job.reachable' | 'channel.opened' }>;

function applyToJob(relay: RelayState, input: JobInput): void {
  const station = relay.stations.get(input.job);
  if (station === undefined) return;
  switch (input.type) {
    case 'job.removed':
      removeJob(relay, station);
      return;
    case 'job.reachable':
      changeReachability(relay, station, input.state);
      return;
    case 'channel.opened':
      openChannel(relay, station, input.incarnation);
      return;
  }
}

type RunInput = Extract<
  RelayInput,
  {
    readonly type: 'run.ended' | 'frame.received' | 'frame.refused' | 'bytes.written' | 'pressure.raised';
  }
>;

function applyToRun(relay: RelayState, input: RunInput): void {
  const channel = relay.stations.get(input.job)?.channel ?? null;
  if (channel === null || channel.incarnation !== input.incarnation) return;
  switch (input.type) {
    case 'run.ended':
      endRun(relay, channel, null);
      return;
    case 'frame.received':
      receiveOrKeep(relay, channel, input.frame);
      return;
    case 'frame.refused':
      refuseFrame(relay, channel, input.code, input.message);
      return;
    case 'bytes.written':
      bytesTaken(relay, channel, input.bytes);
      return;
    case 'pressure.raised':
      writeHint(relay, channel, memoryPressureLine(input.fields));
      return;
  }
}

/** What had left the socket before its reading was paused waits behind the held message. */
function receiveOrKeep(relay: RelayState, channel: Channel, frame: Frame): void {
  if (!channel.paused) {
    receive(relay, channel, frame);
    return;
  }
  assert(queueLength(channel.backlog) < LIMITS.frameBacklogMax, 'a paused run is not read');
  pushLast(channel.backlog, frame);
}
