/**
 * A relay with a world around it that is just big enough for tests: it knows the current incarnation of every
 * job, lets the kernel take bytes on demand and turns what is written to a child back into objects.
 */
import type { MailboxSpec } from '../../../src/core/job/spec.ts';
import { createRelay, relayCounters, stepRelay } from '../../../src/core/relay/relay.ts';
import type {
  Frame,
  Reachability,
  RelayCounters,
  RelayEffect,
  RelayInput,
} from '../../../src/core/relay/types.ts';

export type Line = Readonly<Record<string, unknown>>;

export const MAILBOX: MailboxSpec = { capacity: 3, overflow: 'block', onRestart: 'keep' };

export function message(to: string, body: unknown, more: { id?: string; inReplyTo?: string } = {}): Frame {
  return {
    kind: 'message',
    to,
    body: JSON.stringify(body),
    id: more.id ?? null,
    inReplyTo: more.inReplyTo ?? null,
  };
}

export function createRig() {
  const relay = createRelay();
  const incarnations = new Map<string, number>();
  const lines = new Map<string, Line[]>();
  const unwrittenBytes = new Map<string, number>();
  let nowMs = 0;

  function step(input: RelayInput): RelayEffect[] {
    const effects = stepRelay(relay, input, nowMs);
    for (const effect of effects) {
      if (effect.type !== 'write') continue;
      const read = lines.get(effect.job) ?? [];
      for (const line of effect.data.slice(0, -1).split('\n')) read.push(JSON.parse(line) as Line);
      lines.set(effect.job, read);
      const bytes = (unwrittenBytes.get(effect.job) ?? 0) + Buffer.byteLength(effect.data);
      unwrittenBytes.set(effect.job, bytes);
    }
    return effects;
  }

  const run = (job: string) => ({ job, incarnation: incarnations.get(job) ?? 0 });
  const rig = {
    relay,
    step,
    run,
    at: (ms: number) => {
      nowMs = ms;
    },
    add: (job: string, mailbox: Partial<MailboxSpec> = {}, replicaOf: string | null = null) =>
      step({ type: 'job.added', job, replicaOf, mailbox: { ...MAILBOX, ...mailbox } }),
    reach: (job: string, state: Reachability) => step({ type: 'job.reachable', job, state }),
    open: (job: string) => {
      incarnations.set(job, (incarnations.get(job) ?? 0) + 1);
      unwrittenBytes.delete(job);
      return step({ type: 'channel.opened', ...run(job) });
    },
    /** A job that runs and can be written to. */
    start: (job: string, mailbox: Partial<MailboxSpec> = {}, replicaOf: string | null = null) => {
      rig.add(job, mailbox, replicaOf);
      rig.open(job);
      rig.reach(job, 'delivering');
    },
    end: (job: string) => {
      unwrittenBytes.delete(job);
      return step({ type: 'run.ended', ...run(job) });
    },
    frame: (job: string, frame: Frame) => step({ type: 'frame.received', ...run(job), frame }),
    send: (job: string, to: string, body: unknown, more: { id?: string; inReplyTo?: string } = {}) =>
      rig.frame(job, message(to, body, more)),
    hello: (job: string) => rig.frame(job, { kind: 'hello', acknowledges: true }),
    acknowledge: (job: string, delivery: number) => rig.frame(job, { kind: 'acknowledge', delivery }),
    /** The kernel takes so many bytes, or all it was handed. */
    take: (job: string, bytes = unwrittenBytes.get(job) ?? 0) => {
      unwrittenBytes.set(job, (unwrittenBytes.get(job) ?? 0) - bytes);
      return step({ type: 'bytes.written', ...run(job), bytes });
    },
    unwrittenBytes: (job: string) => unwrittenBytes.get(job) ?? 0,
    /** What the job was written since the last call. */
    lines: (job: string): Line[] => {
      const read = lines.get(job) ?? [];
      lines.set(job, []);
      return read;
    },
    /** The bodies of the messages the job was written since the last call. */
    bodies: (job: string): unknown[] =>
      rig
        .lines(job)
        .filter((line) => line.type === 'message')
        .map((line) => line.body),
    counters: (job: string): RelayCounters => {
      const counters = relayCounters(relay, job);
      if (counters === null) throw new Error(`no job ${job}`);
      return counters;
    },
  };
  return rig;
}

export type Rig = ReturnType<typeof createRig>;

/** Effects other than writes, which `lines` shows. */
export function without(effects: readonly RelayEffect[], ...types: RelayEffect['type'][]): RelayEffect[] {
  return effects.filter((effect) => effect.type !== 'write' && !types.includes(effect.type));
}
