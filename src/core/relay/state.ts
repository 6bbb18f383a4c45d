/**
 * The relay's memory: one station per job, one channel per run, and the worklists of the step in progress.
 * Only data and its constructors; what happens to it stands beside. Names and topics are looked up in Map and
 * Set only, so `__proto__` and `constructor` are names like any other.
 */
import type { MailboxSpec } from '../job/spec.ts';
import { createQueue, type Queue, queueLength } from './queue.ts';
import type { DeadLetterReason, Frame, Reachability, RejectReason, RelayEffect } from './types.ts';

/** Who waits for receipts about one `id`, and how many copies of the message are still open. */
export interface Ticket {
  /** Null: the operator. */
  readonly owner: Channel | null;
  readonly id: string;
  /** Targets that have neither accepted nor rejected it yet. */
  undecided: number;
  accepted: number;
  /** Accepted copies that are neither delivered nor dead letters. */
  outstanding: number;
  rejectReason: RejectReason | null;
  deadLetterReason: DeadLetterReason | null;
  /** A target that accepted it does not run at this moment. */
  waiting: boolean;
  /** The fullest mailbox among its targets; null: none exists. */
  depth: number | null;
}

/** A message on its way to one or several mailboxes; waits in the first one that is full. */
export interface Draft {
  /** Null: the operator. */
  readonly sender: Channel | null;
  readonly from: string;
  readonly id: string | null;
  readonly inReplyTo: string | null;
  readonly topic: string | null;
  readonly body: string;
  readonly bodyBytes: number;
  readonly costBytes: number;
  readonly ticket: Ticket | null;
  targets: readonly Station[];
  /** Index of the target whose turn it is. */
  next: number;
}

/** A message in one mailbox. */
export interface Message {
  readonly from: string;
  readonly id: string | null;
  readonly inReplyTo: string | null;
  readonly topic: string | null;
  readonly body: string;
  readonly bodyBytes: number;
  readonly costBytes: number;
  /** Null once its final receipt was given, or when nobody asked for one. */
  ticket: Ticket | null;
  /** 0 until first written; kept when written again, so that a receiver can tell a repetition. */
  delivery: number;
  /** Size of its line; 0 until first written. */
  lineBytes: number;
}

/** A line handed to the socket that the kernel has not taken. `message` null: a control line. */
export interface Line {
  readonly bytes: number;
  readonly message: Message | null;
}

/** The relay's end of one run's channel. A channel is current while its station points at it. */
export interface Channel {
  readonly station: Station;
  readonly incarnation: number;
  /** `unknown` until a hello, or until more was written than is remembered for one. */
  acknowledges: 'unknown' | 'no' | 'yes';
  /** By delivery number, in the order written. */
  inFlight: Map<number, Message>;
  /** Bytes of the lines in flight: the credit in use. */
  windowBytes: number;
  inFlightCostBytes: number;
  /** Delivered before any hello; taken back when a hello says that it acknowledges. */
  remembered: Message[];
  rememberedBytes: number;
  readonly lines: Queue<Line>;
  /** Bytes of the first line that the kernel took. */
  takenBytes: number;
  /** Bytes of control lines that the kernel has not taken. */
  controlBytes: number;
  /** Lines of the step in progress. */
  outgoing: string;
  /** The message that hit a full mailbox: the sender's one slot. */
  held: Draft | null;
  /** It does not take its receipts, so it may not cause more of them. */
  overloaded: boolean;
  /** What the daemon was told last. */
  paused: boolean;
  /** Frames that had left the socket when reading was paused. */
  readonly backlog: Queue<Frame>;
  badFramesAtMs: number[];
  /** The congestion of a mailbox this run was last told about. */
  readonly toldAbout: Map<Station, number>;
}

export interface Station {
  readonly name: string;
  replicaOf: string | null;
  mailbox: MailboxSpec;
  reachability: Reachability;
  channel: Channel | null;
  lastIncarnation: number;
  lastDelivery: number;
  readonly queue: Queue<Message>;
  queuedBytes: number;
  /** Drafts that found this mailbox full, in the order they came. */
  readonly waiters: Queue<Draft>;
  /** The held message of a run that has ended, one draft a target: it was read, so it still gets its turn. */
  readonly orphans: Set<Draft>;
  readonly topics: Set<string>;
  /** Changes when the mailbox is half empty and nobody waits: a sender blocked later is told again. */
  congestion: number;
  accepted: number;
  delivered: number;
  deadLettered: number;
  rejected: number;
  hintsDropped: number;
}

export interface RelayState {
  /** In the order added. */
  readonly stations: Map<string, Station>;
  /** Replicas by the name in the file, in the order added. */
  readonly replicas: Map<string, Station[]>;
  readonly subscribers: Map<string, Set<Station>>;
  /** Cost of all that is queued and in flight. */
  totalBytes: number;
  rememberedBytes: number;
  /** Stations whose first waiter waits for room in the relay as a whole. */
  readonly starved: Set<Station>;

  // The step in progress; empty between steps.
  effects: RelayEffect[];
  nowMs: number;
  readonly freed: Set<Station>;
  readonly released: Set<Channel>;
  dirty: Channel[];
}

export function createRelayState(): RelayState {
  return {
    stations: new Map(),
    replicas: new Map(),
    subscribers: new Map(),
    totalBytes: 0,
    rememberedBytes: 0,
    starved: new Set(),
    effects: [],
    nowMs: 0,
    freed: new Set(),
    released: new Set(),
    dirty: [],
  };
}

export function createStation(name: string, replicaOf: string | null, mailbox: MailboxSpec): Station {
  return {
    name,
    replicaOf,
    mailbox,
    reachability: 'waiting',
    channel: null,
    lastIncarnation: 0,
    lastDelivery: 0,
    queue: createQueue(),
    queuedBytes: 0,
    waiters: createQueue(),
    orphans: new Set(),
    topics: new Set(),
    congestion: 0,
    accepted: 0,
    delivered: 0,
    deadLettered: 0,
    rejected: 0,
    hintsDropped: 0,
  };
}

export function createChannel(station: Station, incarnation: number): Channel {
  return {
    station,
    incarnation,
    acknowledges: 'unknown',
    inFlight: new Map(),
    windowBytes: 0,
    inFlightCostBytes: 0,
    remembered: [],
    rememberedBytes: 0,
    lines: createQueue(),
    takenBytes: 0,
    controlBytes: 0,
    outgoing: '',
    held: null,
    overloaded: false,
    paused: false,
    backlog: createQueue(),
    badFramesAtMs: [],
    toldAbout: new Map(),
  };
}

/** Messages accepted and not settled: what waits and what is on its way. */
export function outstandingOf(station: Station): number {
  return queueLength(station.queue) + (station.channel === null ? 0 : station.channel.inFlight.size);
}

/** False once the run has ended, its channel was closed or a newer run took its place. */
export function isCurrent(channel: Channel): boolean {
  return channel.station.channel === channel;
}
