/**
 * A world of children and sockets around the relay for property tests. It keeps its own books from inputs
 * and effects alone (who is read, what each run was sent, which receipts came) and checks every invariant
 * after every step. It shares no code with the relay but its types and limits.
 */
import type { MailboxSpec } from '../../src/core/job/spec.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { createRelay, relayCounters, stepRelay } from '../../src/core/relay/relay.ts';
import type {
  Frame,
  Reachability,
  RelayCounters,
  RelayEffect,
  RelayInput,
} from '../../src/core/relay/types.ts';

/** A run as its child sees it. */
interface Run {
  readonly incarnation: number;
  reading: boolean;
  acknowledges: boolean;
  /** What it wrote that nobody has read. */
  readonly unread: Frame[];
  readonly deliveries: Set<number>;
  unwrittenBytes: number;
  /** The last number of each sender's that it was sent, by sender. */
  readonly lastSeen: Map<string, number>;
  readonly sentIds: Set<string>;
  readonly receipts: Map<string, string[]>;
}

interface Job {
  spec: MailboxSpec;
  replicaOf: string | null;
  reachability: Reachability;
  run: Run | null;
  incarnations: number;
}

type Books = ReadonlyMap<string, RelayCounters>;

export class World {
  readonly relay = createRelay();
  readonly jobs = new Map<string, Job>();
  readonly operatorReceipts = new Map<string, string[]>();
  private nowMs = 0;
  /** Numbers every message of every sender; travels as its body. */
  private readonly sequence = new Map<string, number>();

  step(input: RelayInput): void {
    const before = this.books();
    const acknowledging = this.acknowledging();
    const effects = stepRelay(this.relay, input, this.nowMs);
    const buried = new Map<string, number>();
    for (const effect of effects) this.perform(effect, buried);
    this.check(before, buried);
    // A hello takes back what was delivered before it; nothing else may lift a mailbox above its bounds.
    for (const [name, was] of before)
      if (acknowledging.has(name) === this.acknowledging().has(name)) this.checkBounds(name, was);
  }

  advance(ms: number): void {
    this.nowMs += ms;
  }

  add(name: string, replicaOf: string | null, spec: MailboxSpec): void {
    const job = this.jobs.get(name);
    if (job === undefined) {
      this.jobs.set(name, { spec, replicaOf, reachability: 'waiting', run: null, incarnations: 0 });
    } else {
      job.spec = spec;
    }
    this.step({ type: 'job.added', job: name, replicaOf, mailbox: spec });
  }

  remove(name: string): void {
    const job = this.jobs.get(name);
    if (job === undefined) return;
    this.jobs.delete(name);
    this.step({ type: 'job.removed', job: name });
  }

  reach(name: string, state: Reachability): void {
    const job = this.jobs.get(name);
    if (job === undefined) return;
    job.reachability = state;
    this.step({ type: 'job.reachable', job: name, state });
  }

  open(name: string): void {
    const job = this.jobs.get(name);
    if (job === undefined || job.run !== null) return;
    job.incarnations += 1;
    job.run = {
      incarnation: job.incarnations,
      reading: true,
      acknowledges: false,
      unread: [],
      deliveries: new Set(),
      unwrittenBytes: 0,
      lastSeen: new Map(),
      sentIds: new Set(),
      receipts: new Map(),
    };
    this.step({ type: 'channel.opened', job: name, incarnation: job.incarnations });
  }

  end(name: string): void {
    const job = this.jobs.get(name);
    const run = job?.run ?? null;
    if (job === undefined || run === null) return;
    this.checkReceipts(run, false);
    job.run = null;
    this.step({ type: 'run.ended', job: name, incarnation: run.incarnation });
  }

  /** The child writes a frame; it is read now if it is read at all. `anyway`: it had left the socket. */
  write(name: string, frame: Frame, anyway = false): void {
    const job = this.jobs.get(name);
    if (job === undefined || job.run === null) return;
    job.run.unread.push(frame);
    this.read(name, job.run, anyway ? 1 : 0);
  }

  send(name: string, to: string, options: { id: boolean; padding: number; anyway: boolean }): void {
    const run = this.jobs.get(name)?.run ?? null;
    if (run === null) return;
    const { number, body } = this.nextBody(name, options.padding);
    const id = options.id ? `${number}` : null;
    this.write(name, { kind: 'message', to, body, id, inReplyTo: null }, options.anyway);
  }

  publish(name: string, topic: string, id: boolean): void {
    if ((this.jobs.get(name)?.run ?? null) === null) return;
    const { number, body } = this.nextBody(name, 0);
    this.write(name, { kind: 'publish', topic, body, id: id ? `${number}` : null });
  }

  operate(to: string): void {
    const { number, body } = this.nextBody('@operator', 0);
    this.operatorReceipts.set(`${number}`, []);
    this.step({ type: 'operator.sent', to, body, id: `${number}` });
  }

  hello(name: string): void {
    this.write(name, { kind: 'hello', acknowledges: true });
  }

  acknowledge(name: string, index: number): void {
    const deliveries = [...(this.jobs.get(name)?.run?.deliveries ?? [])];
    const delivery = deliveries[index % Math.max(deliveries.length, 1)];
    if (delivery !== undefined) this.write(name, { kind: 'acknowledge', delivery });
  }

  /** The kernel takes a share of what it was handed, in thousandths. */
  take(name: string, share: number): void {
    const run = this.jobs.get(name)?.run ?? null;
    if (run === null) return;
    const bytes = Math.ceil((run.unwrittenBytes * share) / 1000);
    if (bytes === 0) return;
    run.unwrittenBytes -= bytes;
    this.step({ type: 'bytes.written', job: name, incarnation: run.incarnation, bytes });
  }

  refuse(name: string): void {
    const run = this.jobs.get(name)?.run ?? null;
    if (run === null) return;
    const { incarnation } = run;
    this.step({ type: 'frame.refused', job: name, incarnation, code: 'SUPERVISE_FRAME_X', message: 'no' });
  }

  /** Late news about a run that has ended. */
  stale(name: string): void {
    const job = this.jobs.get(name);
    if (job === undefined) return;
    const incarnation = job.incarnations - (job.run === null ? 0 : 1);
    const frame = { kind: 'message', to: '*', body: '0', id: 'stale', inReplyTo: null } as const;
    const before = this.books();
    for (const input of [
      { type: 'frame.received', job: name, incarnation, frame },
      { type: 'bytes.written', job: name, incarnation, bytes: 1 },
      { type: 'run.ended', job: name, incarnation },
    ] as const) {
      must(stepRelay(this.relay, input, this.nowMs).length === 0, 'late news has no effect');
    }
    same(JSON.stringify([...this.books()]), JSON.stringify([...before]), 'late news changes nothing');
  }

  /** Everybody runs, reads and acknowledges until nothing moves. */
  drain(): void {
    for (const name of this.jobs.keys()) {
      this.open(name);
      this.reach(name, 'delivering');
    }
    for (let round = 0; round < 10_000 && this.drainOnce(); round += 1);
    for (const [name, job] of this.jobs) {
      must(job.run?.reading === true, `${name} is read`);
      must(job.run?.unread.length === 0, `${name} has been read`);
      const { depth, inFlight, bytes } = relayCounters(this.relay, name) ?? {
        depth: -1,
        inFlight: 0,
        bytes: 0,
      };
      same(depth + inFlight + bytes, 0, `the mailbox of ${name} is empty`);
      if (job.run !== null) this.checkReceipts(job.run, true);
    }
    same(this.relay.totalBytes, 0, 'nothing is left');
    same(this.relay.starved.size, 0, 'nobody waits');
    for (const station of this.relay.stations.values()) same(station.orphans.size, 0, 'no orphan is left');
    for (const receipts of this.operatorReceipts.values()) checkSequence(receipts, true);
  }

  private drainOnce(): boolean {
    let moved = false;
    for (const [name, { run }] of this.jobs) {
      if (run === null) continue;
      if (this.later.length > 0) {
        moved = true;
        this.catchUp();
      }
      if (run.unwrittenBytes > 0) {
        moved = true;
        this.take(name, 1000);
      }
      // A blocked sender's own acknowledgements wait behind its held message, as they would in its socket.
      if (run.acknowledges && run.reading && run.deliveries.size > 0) {
        moved = true;
        this.acknowledge(name, 0);
      }
    }
    return moved;
  }

  private nextBody(sender: string, padding: number): { number: number; body: string } {
    const number = (this.sequence.get(sender) ?? 0) + 1;
    this.sequence.set(sender, number);
    return { number, body: JSON.stringify([number, 'x'.repeat(padding)]) };
  }

  private read(name: string, run: Run, anyway: number): void {
    for (let left = anyway; run.unread.length > 0 && (run.reading || left > 0); left -= 1) {
      if (this.jobs.get(name)?.run !== run) return;
      const frame = run.unread.shift();
      if (frame === undefined) return;
      if ((frame.kind === 'message' || frame.kind === 'publish') && frame.id !== null)
        run.sentIds.add(frame.id);
      if (frame.kind === 'hello') run.acknowledges = true;
      if (frame.kind === 'acknowledge') run.deliveries.delete(frame.delivery);
      this.step({ type: 'frame.received', job: name, incarnation: run.incarnation, frame });
    }
  }

  private perform(effect: RelayEffect, buried: Map<string, number>): void {
    switch (effect.type) {
      case 'write': {
        const run = this.current(effect);
        run.unwrittenBytes += Buffer.byteLength(effect.data);
        must(effect.data.endsWith('\n'), 'whole lines are written');
        for (const line of effect.data.slice(0, -1).split('\n')) hear(effect.job, run, JSON.parse(line));
        return;
      }
      case 'reading.paused':
      case 'reading.resumed': {
        const run = this.current(effect);
        const reads = effect.type === 'reading.resumed';
        same(run.reading, !reads, 'said only when it changes');
        run.reading = reads;
        // What piled up in the socket is read in a later turn, as the channel does it.
        if (reads) this.later.push([effect.job, run]);
        return;
      }
      case 'channel.closed': {
        this.checkReceipts(this.current(effect), false);
        const job = this.jobs.get(effect.job);
        if (job !== undefined) job.run = null;
        return;
      }
      case 'message.dead-lettered':
        if (effect.accepted) buried.set(effect.to, (buried.get(effect.to) ?? 0) + 1);
        return;
      case 'operator.receipt': {
        const receipts = this.operatorReceipts.get(effect.id);
        receipts?.push(effect.status);
        checkSequence(receipts ?? [], false);
        return;
      }
      case 'child.reported':
        this.current(effect);
        return;
      case 'run.settled':
        same(effect.inFlight, effect.requeued + effect.deadLettered, 'a run is settled');
        return;
      case 'operator.replied':
        return;
    }
  }

  private readonly later: [string, Run][] = [];

  /** Reads what piled up while runs were paused. Between steps only. */
  catchUp(): void {
    for (let next = this.later.shift(); next !== undefined; next = this.later.shift())
      this.read(next[0], next[1], 0);
  }

  private current(effect: {
    readonly job: string;
    readonly incarnation: number;
    readonly type: string;
  }): Run {
    const run = this.jobs.get(effect.job)?.run ?? null;
    same(run?.incarnation, effect.incarnation, `${effect.type} for the current run of ${effect.job}`);
    if (run === null) throw new Error('unreachable');
    return run;
  }

  private books(): Books {
    const books = new Map<string, RelayCounters>();
    for (const name of this.jobs.keys()) {
      const counters = relayCounters(this.relay, name);
      if (counters !== null) books.set(name, counters);
    }
    return books;
  }

  private check(before: Books, buried: ReadonlyMap<string, number>): void {
    let totalBytes = 0;
    for (const [name, after] of this.books()) {
      totalBytes += after.bytes;
      const found = after.delivered + after.depth + after.inFlight + after.deadLettered;
      same(after.accepted, found, `sum of ${name}`);
      const was = before.get(name);
      if (was === undefined) continue;
      same(after.deadLettered - was.deadLettered, buried.get(name) ?? 0, `dead letters of ${name}`);
    }
    same(this.relay.totalBytes, totalBytes, 'bytes of all mailboxes');
    must(totalBytes <= LIMITS.relayMaxBytes, 'the relay is within its bound');
    same(this.relay.freed.size + this.relay.released.size + this.relay.dirty.length, 0, 'the step is over');
  }

  private acknowledging(): ReadonlySet<string> {
    const stations = [...this.relay.stations.values()];
    return new Set(
      stations.filter(({ channel }) => channel?.acknowledges === 'yes').map((each) => each.name),
    );
  }

  private checkBounds(name: string, was: RelayCounters): void {
    const after = relayCounters(this.relay, name);
    const job = this.jobs.get(name);
    if (job === undefined || after === null) return;
    const dropsOldest = job.spec.overflow === 'drop-oldest';
    const wasHeld = dropsOldest ? was.depth : was.depth + was.inFlight;
    const isHeld = dropsOldest ? after.depth : after.depth + after.inFlight;
    must(isHeld <= Math.max(job.spec.capacity, wasHeld), `mailbox of ${name}: ${isHeld}`);
    const windowBytes = Math.max(LIMITS.creditBytes, was.inFlightBytes);
    must(after.inFlight <= 1 || after.inFlightBytes <= windowBytes, `window of ${name}`);
  }

  private checkReceipts(run: Run, complete: boolean): void {
    for (const id of run.sentIds) checkSequence(run.receipts.get(id) ?? [], complete);
  }
}

/** A line arrives at a run. */
function hear(name: string, run: Run, line: Record<string, unknown>): void {
  if (line.type === 'receipt') {
    const id = line.id as string;
    must(run.sentIds.has(id), 'a receipt for something this run sent');
    const receipts = run.receipts.get(id) ?? [];
    receipts.push(line.status as string);
    run.receipts.set(id, receipts);
    checkSequence(receipts, false);
  } else if (line.type === 'message') {
    same(line.to, name, 'a message for this job');
    const [number] = line.body as [number];
    const from = line.from as string;
    must(number > (run.lastSeen.get(from) ?? 0), `order from ${from} to ${name}: ${number}`);
    run.lastSeen.set(from, number);
    must(!run.deliveries.has(line.delivery as number), 'a run sees a delivery once');
    run.deliveries.add(line.delivery as number);
  }
}

/** Exactly one first receipt, and after `accepted` exactly one final one. */
function checkSequence(receipts: readonly string[], complete: boolean): void {
  const text = receipts.join(' ');
  must(/^$|^rejected$|^accepted$|^accepted (delivered|dead-lettered)$/.test(text), `receipts: ${text}`);
  if (complete) must(/^rejected$|^accepted (delivered|dead-lettered)$/.test(text), `receipts: ${text}`);
}

// Plain throws: an `expect` per check would take most of the time.
function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

function same(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${String(actual)} instead of ${String(expected)}`);
}
