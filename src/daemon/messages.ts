/**
 * Between the relay (a pure machine) and the world: sockets of children, the operator, and the supervisor's
 * loop. Translates phases into reachability, and what children say about themselves into inputs. What a child
 * repeats often is thinned here, so that no child can keep the loop busy with itself.
 */
import type { Duplex } from 'node:stream';
import { earliestOf } from '../core/base/instants.ts';
import type { Event } from '../core/event.ts';
import { jobOf } from '../core/event.ts';
import type { Input } from '../core/input.ts';
import type { RunId } from '../core/job/phase.ts';
import { LIMITS } from '../core/limits.ts';
import { createRelay, relayCounters, stepRelay } from '../core/relay/relay.ts';
import type { Reachability, RelayEffect, RelayInput } from '../core/relay/types.ts';
import { findJob, type JobState, type State } from '../core/state.ts';
import type { RelayStatus } from '../wire/api.ts';
import type { Clock, WakeSource } from './clock.ts';
import { createOperatorDesk, type OperatorDesk } from './operator-desk.ts';
import { openChannel, type RunChannel } from './os/channel.ts';
import { keyOf } from './runs.ts';
import { createThinning } from './thinning.ts';

export interface Messages {
  readonly sources: readonly WakeSource[];
  /** A run's socket is there. */
  readonly opened: (run: RunId, socket: Duplex) => void;
  /** The run is over; what it wrote last is still read for a moment. */
  readonly ended: (run: RunId) => void;
  /** Follows the phases after each turn of the loop. */
  readonly follow: (state: State, events: readonly Event[]) => void;
  readonly announcePressure: (run: RunId, fields: readonly (readonly [string, number | null])[]) => void;
  readonly statusOf: (job: string) => Pick<RelayStatus, 'mailbox' | 'channel'>;
  readonly desk: OperatorDesk;
}

interface OpenRun {
  readonly run: RunId;
  readonly channel: RunChannel;
  /** When the rest of what an ended run wrote is given up; null: it is alive. */
  endAtMs: number | null;
}

export function createMessages(clock: Clock, post: (input: Input) => void): Messages {
  const relay = createRelay();
  const open = new Map<string, OpenRun>();
  /** The open run of each job: one at most. */
  const openOf = new Map<string, string>();
  const reachability = new Map<string, Reachability>();
  const reports = createThinning(clock, post);

  const take = inTurn<RelayInput>((input) => {
    for (const effect of stepRelay(relay, input, clock.now())) perform(effect);
  });
  const desk = createOperatorDesk(clock, take);

  const perform = (effect: RelayEffect): void => {
    switch (effect.type) {
      case 'write':
        return open.get(keyOf(effect))?.channel.write(effect.data);
      case 'reading.paused':
        return open.get(keyOf(effect))?.channel.pause();
      case 'reading.resumed':
        return open.get(keyOf(effect))?.channel.resume();
      case 'channel.closed': {
        open.get(keyOf(effect))?.channel.close();
        return post({ type: 'relay.channel-closed', run: runOf(effect), reason: effect.reason });
      }
      case 'child.reported':
        return reports.reported(runOf(effect), effect.report);
      case 'message.dead-lettered':
        return reports.deadLettered(effect.from, effect.to, effect.reason, effect.bytes);
      case 'run.settled':
        return;
      case 'operator.replied':
      case 'operator.receipt':
        return desk.answered(effect);
    }
  };

  const forget = (key: string): void => {
    const entry = open.get(key);
    if (entry === undefined || !open.delete(key)) return;
    if (openOf.get(entry.run.job) === key) openOf.delete(entry.run.job);
    entry.channel.close();
    take({ type: 'run.ended', ...entry.run });
  };

  const opened = (run: RunId, socket: Duplex): void => {
    const before = openOf.get(run.job);
    if (before !== undefined) forget(before);
    const key = keyOf(run);
    openOf.set(run.job, key);
    const channel = openChannel({
      socket,
      onFrame: (frame) => take({ type: 'frame.received', ...run, frame }),
      onRefused: (code, message) => take({ type: 'frame.refused', ...run, code, message }),
      onBytesWritten: (bytes) => take({ type: 'bytes.written', ...run, bytes }),
      onClosed: () => forget(key),
    });
    open.set(key, { run, channel, endAtMs: null });
    take({ type: 'channel.opened', ...run });
  };

  return {
    sources: [endingSource(clock, open, forget), reports.source, desk.source],
    opened,
    ended: (run) => {
      const entry = open.get(keyOf(run));
      if (entry === undefined) return;
      entry.endAtMs = clock.now() + LIMITS.outputDrainMs;
      clock.rearm();
    },
    follow: (state, events) => {
      for (const event of events) followEvent(state, event, reachability, take);
    },
    announcePressure: (run, fields) => take({ type: 'pressure.raised', ...run, resource: 'memory', fields }),
    statusOf: (job) => {
      const counters = relayCounters(relay, job);
      const { depth = 0, inFlight = 0, capacity = 0, accepted = 0 } = counters ?? {};
      const { delivered = 0, deadLettered = 0 } = counters ?? {};
      return {
        mailbox: { depth, inFlight, capacity, accepted, delivered, deadLettered },
        channel: openOf.has(job) ? 'open' : 'none',
      };
    },
    desk,
  };
}

/** What taking one input leads to waits its turn: else it would overtake the effects that are left of the first. */
function inTurn<T>(act: (input: T) => void): (input: T) => void {
  const waiting: T[] = [];
  let isBusy = false;
  return (input) => {
    waiting.push(input);
    if (isBusy) return;
    isBusy = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) act(next);
    } finally {
      isBusy = false;
    }
  };
}

function runOf(effect: RunId): RunId {
  return { job: effect.job, incarnation: effect.incarnation };
}

/** Jobs that came, changed, went or moved to another phase. */
function followEvent(
  state: State,
  event: Event,
  known: Map<string, Reachability>,
  take: (input: RelayInput) => void,
): void {
  const name = jobOf(event);
  if (name === null) return;
  const job = findJob(state, name);
  if (job === undefined) {
    if (known.delete(name)) take({ type: 'job.removed', job: name });
    return;
  }
  if (event.type === 'job.admitted' || event.type === 'job.changed') {
    const { replicaOf, mailbox } = job.spec;
    take({ type: 'job.added', job: name, replicaOf, mailbox });
  }
  const now = reachabilityOf(job);
  if (known.get(name) === now) return;
  known.set(name, now);
  take({ type: 'job.reachable', job: name, state: now });
}

function reachabilityOf(job: JobState): Reachability {
  switch (job.phase.kind) {
    case 'running':
    case 'blocked':
    case 'stopping':
      return 'delivering';
    case 'pending':
    case 'ready':
    case 'starting':
    case 'suspended':
    case 'backing-off':
      return 'waiting';
    case 'completed':
    case 'failed':
    case 'stopped':
      return 'stopped';
    case 'quarantined':
      return 'quarantined';
  }
}

/** Lets go of the channels of runs that have been over for long enough. */
function endingSource(
  clock: Clock,
  open: ReadonlyMap<string, OpenRun>,
  forget: (key: string) => void,
): WakeSource {
  return {
    wakeAtMs: () => earliestOf(Array.from(open.values(), ({ endAtMs }) => endAtMs)),
    woke: () => {
      const nowMs = clock.now();
      for (const [key, { endAtMs }] of open) if (endAtMs !== null && endAtMs <= nowMs) forget(key);
    },
  };
}
