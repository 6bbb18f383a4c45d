/**
 * Between the relay (a pure machine) and the world: sockets of children, the operator, and the supervisor's
 * loop. Translates phases into reachability, and what children say about themselves into inputs. What a child
 * repeats often is thinned here, so that no child can keep the loop busy with itself.
 */
import type { Duplex } from 'node:stream';
import type { Event } from '../core/event.ts';
import { jobOf } from '../core/event.ts';
import type { Input } from '../core/input.ts';
import type { RunId } from '../core/job/phase.ts';
import { LIMITS } from '../core/limits.ts';
import { createRelay, relayCounters, stepRelay } from '../core/relay/relay.ts';
import type { ChildReport, Reachability, RelayEffect, RelayInput } from '../core/relay/types.ts';
import { findJob, type JobState, type State } from '../core/state.ts';
import type { RelayStatus } from '../wire/api.ts';
import type { Clock, WakeSource } from './clock.ts';
import { createOperatorDesk, type OperatorDesk } from './operator-desk.ts';
import { openChannel, type RunChannel } from './os/channel.ts';
import { keyOf } from './runs.ts';

export interface Messages {
  readonly source: WakeSource;
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

/** A child's progress and heartbeats reach the core at most this often. */
const REPORT_EVERY_MS = 100;
const DEAD_LETTERS_EVERY_MS = 1000;

export function createMessages(clock: Clock, post: (input: Input) => void): Messages {
  const relay = createRelay();
  const open = new Map<string, OpenRun>();
  const reachability = new Map<string, Reachability>();
  const reports = createThinning(clock, post);

  const take = (input: RelayInput): void => {
    for (const effect of stepRelay(relay, input, clock.now())) perform(effect);
  };
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
    entry.channel.close();
    take({ type: 'run.ended', ...entry.run });
  };

  const opened = (run: RunId, socket: Duplex): void => {
    for (const [key, entry] of open) if (entry.run.job === run.job) forget(key);
    const key = keyOf(run);
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
    source: mergedSource(clock, open, forget, reports.source, desk.source),
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
      const entry = [...open.values()].find(({ run }) => run.job === job);
      const { depth = 0, inFlight = 0, capacity = 0, accepted = 0 } = counters ?? {};
      const { delivered = 0, deadLettered = 0 } = counters ?? {};
      return {
        mailbox: { depth, inFlight, capacity, accepted, delivered, deadLettered },
        channel: entry === undefined ? 'none' : 'open',
      };
    },
    desk,
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

function mergedSource(
  clock: Clock,
  open: ReadonlyMap<string, OpenRun>,
  forget: (key: string) => void,
  ...others: readonly WakeSource[]
): WakeSource {
  return {
    wakeAtMs: () => {
      let nextMs: number | null = null;
      const consider = (atMs: number | null): void => {
        if (atMs !== null && (nextMs === null || atMs < nextMs)) nextMs = atMs;
      };
      for (const { endAtMs } of open.values()) consider(endAtMs);
      for (const other of others) consider(other.wakeAtMs());
      return nextMs;
    },
    woke: () => {
      const nowMs = clock.now();
      for (const [key, { endAtMs }] of open) if (endAtMs !== null && endAtMs <= nowMs) forget(key);
      for (const other of others) {
        const dueMs = other.wakeAtMs();
        if (dueMs !== null && dueMs <= nowMs) other.woke();
      }
    },
  };
}

interface Thinning {
  readonly source: WakeSource;
  readonly reported: (run: RunId, report: ChildReport) => void;
  readonly deadLettered: (from: string, to: string, reason: string, bytes: number) => void;
}

/** Lets the first through at once and after that the latest of each interval. */
function createThinning(clock: Clock, post: (input: Input) => void): Thinning {
  const pending = new Map<string, Input>();
  const nextAtMs = new Map<string, number>();

  const thin = (key: string, everyMs: number, input: Input): void => {
    const nowMs = clock.now();
    if ((nextAtMs.get(key) ?? 0) > nowMs) {
      pending.set(key, input);
      clock.rearm();
      return;
    }
    pending.delete(key);
    nextAtMs.set(key, nowMs + everyMs);
    post(input);
  };
  const forgetOld = (nowMs: number): void => {
    for (const [key, atMs] of nextAtMs) if (atMs <= nowMs && !pending.has(key)) nextAtMs.delete(key);
  };

  return {
    source: {
      wakeAtMs: () => {
        let earliest: number | null = null;
        for (const key of pending.keys()) {
          const atMs = nextAtMs.get(key) ?? 0;
          if (earliest === null || atMs < earliest) earliest = atMs;
        }
        return earliest;
      },
      woke: () => {
        const nowMs = clock.now();
        for (const [key, input] of [...pending]) {
          if ((nextAtMs.get(key) ?? 0) > nowMs) continue;
          pending.delete(key);
          nextAtMs.set(key, nowMs + REPORT_EVERY_MS);
          post(input);
        }
        forgetOld(nowMs);
      },
    },
    reported: (run, report) => {
      const key = `${report.kind} ${keyOf(run)}`;
      switch (report.kind) {
        case 'ready':
          return thin(key, REPORT_EVERY_MS, { type: 'child.ready', run });
        case 'yield':
          return thin(key, 1, { type: 'child.yielded', run });
        case 'heartbeat':
          return thin(key, REPORT_EVERY_MS, { type: 'child.heartbeat', run });
        case 'progress': {
          const { value, total } = report;
          return thin(key, REPORT_EVERY_MS, { type: 'child.progressed', run, value, total });
        }
      }
    },
    deadLettered: (from, to, reason, bytes) =>
      thin(`dead ${from} ${to} ${reason}`, DEAD_LETTERS_EVERY_MS, {
        type: 'relay.dead-lettered',
        from,
        to,
        reason,
        bytes,
      }),
  };
}
