/** Messages from the person at the command line: sent into a job's mailbox, answered by receipt and reply. */
import { randomUUID } from 'node:crypto';
import { earliestOf } from '../core/base/instants.ts';
import { LIMITS } from '../core/limits.ts';
import type { RelayEffect, RelayInput } from '../core/relay/types.ts';
import type { SendResult } from '../wire/api.ts';
import type { Clock, WakeSource } from './clock.ts';

export interface OperatorDesk {
  readonly source: WakeSource;
  /** `body` is JSON text. Resolves with the receipt, or with the reply when one is waited for; null: timed out. */
  readonly send: (to: string, body: string, replyWithinMs: number | null) => Promise<SendResult | null>;
  readonly answered: (
    effect: Extract<RelayEffect, { type: 'operator.replied' | 'operator.receipt' }>,
  ) => void;
}

interface Open {
  readonly resolve: (result: SendResult | null) => void;
  readonly wantsReply: boolean;
  readonly untilMs: number;
}

/** Letters awaiting an answer; one more is told to come back. */
const OPEN_MAX = 1000;

export function createOperatorDesk(clock: Clock, take: (input: RelayInput) => void): OperatorDesk {
  const open = new Map<string, Open>();

  const settle = (id: string, result: SendResult | null): void => {
    const letter = open.get(id);
    if (letter === undefined) return;
    open.delete(id);
    letter.resolve(result);
  };

  return {
    source: {
      wakeAtMs: () => earliestOf(Array.from(open.values(), ({ untilMs }) => untilMs)),
      woke: () => {
        const nowMs = clock.now();
        for (const [id, { untilMs }] of [...open]) if (untilMs <= nowMs) settle(id, null);
      },
    },
    send: (to, body, replyWithinMs) =>
      new Promise((resolve) => {
        if (open.size >= OPEN_MAX)
          return resolve({ status: 'rejected', reason: 'mailbox-full', depth: null });
        const id = randomUUID();
        const waitMs = replyWithinMs ?? LIMITS.sampleTimeoutMs;
        open.set(id, { resolve, wantsReply: replyWithinMs !== null, untilMs: clock.now() + waitMs });
        clock.rearm();
        take({ type: 'operator.sent', to, body, id });
      }),
    answered: (effect) => {
      if (effect.type === 'operator.replied') {
        const reply = { from: effect.from, body: JSON.parse(effect.body) as unknown };
        return settle(effect.inReplyTo, { status: 'delivered', reason: null, depth: null, reply });
      }
      const { id, status, reason, depth } = effect;
      const letter = open.get(id);
      const over = status === 'rejected' || status === 'dead-lettered';
      if (letter !== undefined && (over || !letter.wantsReply)) settle(id, { status, reason, depth });
    },
  };
}
