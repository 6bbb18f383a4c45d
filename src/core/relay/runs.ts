/**
 * Jobs and runs come and go. Owns what a run's end does to the messages on their way to it and what rest or
 * removal does to a job's mailbox. A run has one channel; news about any other incarnation changes nothing.
 */
import { assert } from '../base/assert.ts';
import { LIMITS } from '../limits.ts';
import { flush, writeHint } from './channels.ts';
import { pump, takeFlight } from './delivery.ts';
import { unsubscribeAll } from './frames.ts';
import { errorLine } from './lines.ts';
import { bury, emptyMailbox, markFreed, trim } from './mailbox.ts';
import { putFirst } from './queue.ts';
import { orphan, withdraw } from './sending.ts';
import { type Channel, createChannel, createStation, type RelayState, type Station } from './state.ts';
import type { DeadLetterReason, Reachability, RelayInput } from './types.ts';

type Input<Type extends RelayInput['type']> = Extract<RelayInput, { readonly type: Type }>;

/** A job appears, or its mailbox changes. What is in the mailbox stays, even above a smaller capacity. */
export function addJob(relay: RelayState, input: Input<'job.added'>): void {
  const known = relay.stations.get(input.job);
  if (known === undefined) {
    const station = createStation(input.job, input.replicaOf, input.mailbox);
    relay.stations.set(input.job, station);
    joinReplicas(relay, station);
    return;
  }
  known.mailbox = input.mailbox;
  if (known.replicaOf !== input.replicaOf) {
    leaveReplicas(relay, known);
    known.replicaOf = input.replicaOf;
    joinReplicas(relay, known);
  }
  trim(relay, known);
  markFreed(relay, known);
}

/** A job is gone: its messages are dead letters, and nothing it held back is sent any more. */
export function removeJob(relay: RelayState, station: Station): void {
  const { channel } = station;
  if (channel !== null) endRun(relay, channel, 'no-such-job');
  for (const draft of station.orphans) withdraw(relay, draft);
  relay.stations.delete(station.name);
  leaveReplicas(relay, station);
  unsubscribeAll(relay, station);
  emptyMailbox(relay, station, 'no-such-job');
  markFreed(relay, station);
}

export function changeReachability(relay: RelayState, station: Station, state: Reachability): void {
  station.reachability = state;
  switch (state) {
    case 'delivering':
      pump(relay, station);
      return;
    case 'waiting':
      return;
    case 'stopped':
    case 'quarantined':
      unsubscribeAll(relay, station);
      emptyMailbox(relay, station, state);
      markFreed(relay, station);
      return;
  }
}

/** A run's channel is there. A run that was never reported as ended is over by that. */
export function openChannel(relay: RelayState, station: Station, incarnation: number): void {
  if (incarnation <= station.lastIncarnation) return;
  if (station.channel !== null) endRun(relay, station.channel, null);
  station.lastIncarnation = incarnation;
  station.channel = createChannel(station, incarnation);
  pump(relay, station);
}

/**
 * A run, or its channel, is over. What it had not acknowledged goes back to the head of the mailbox or
 * becomes a dead letter. What a run that does not acknowledge was being written is a dead letter too: part of
 * it may have arrived, and it is to arrive at most once. `removal`: no mailbox is left to go back to.
 */
export function endRun(relay: RelayState, channel: Channel, removal: DeadLetterReason | null): void {
  const { station } = channel;
  const messages = takeFlight(relay, channel);
  station.channel = null;
  channel.outgoing = '';
  relay.released.delete(channel);
  const rest =
    station.reachability === 'stopped' || station.reachability === 'quarantined'
      ? station.reachability
      : null;
  const keeps =
    channel.acknowledges === 'yes' &&
    station.mailbox.onRestart === 'keep' &&
    rest === null &&
    removal === null;
  relay.effects.push({
    type: 'run.settled',
    job: station.name,
    incarnation: channel.incarnation,
    inFlight: messages.length,
    requeued: keeps ? messages.length : 0,
    deadLettered: keeps ? 0 : messages.length,
  });
  if (keeps) {
    putFirst(station.queue, messages);
    for (const message of messages) station.queuedBytes += message.costBytes;
    trim(relay, station);
  } else {
    for (const message of messages) bury(relay, station, message, removal ?? rest ?? 'stopped');
  }
  // Only now: what comes back to this mailbox has its place before anything new.
  orphan(relay, channel);
  markFreed(relay, station);
}

/** A frame that could not be read: told to the child and counted; too many close this run's channel alone. */
export function refuseFrame(relay: RelayState, channel: Channel, code: string, message: string): void {
  writeHint(relay, channel, errorLine(code, message));
  const since = relay.nowMs - LIMITS.badFramesWindowMs;
  channel.badFramesAtMs = channel.badFramesAtMs.filter((atMs) => atMs > since);
  channel.badFramesAtMs.push(relay.nowMs);
  if (channel.badFramesAtMs.length < LIMITS.badFramesMax) return;
  // Written before the channel goes, so that the child can read why.
  flush(relay);
  relay.effects.push({
    type: 'channel.closed',
    job: channel.station.name,
    incarnation: channel.incarnation,
    reason: 'bad-frames',
  });
  endRun(relay, channel, null);
}

function joinReplicas(relay: RelayState, station: Station): void {
  if (station.replicaOf === null) return;
  const replicas = relay.replicas.get(station.replicaOf);
  if (replicas === undefined) relay.replicas.set(station.replicaOf, [station]);
  else replicas.push(station);
}

function leaveReplicas(relay: RelayState, station: Station): void {
  if (station.replicaOf === null) return;
  const replicas = relay.replicas.get(station.replicaOf);
  assert(replicas !== undefined, 'a replica is known by the name it shares');
  const left = replicas.filter((replica) => replica !== station);
  if (left.length === 0) relay.replicas.delete(station.replicaOf);
  else relay.replicas.set(station.replicaOf, left);
}
