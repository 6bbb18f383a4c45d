/**
 * Receipts. A sender that gave an `id` gets exactly one `accepted` or `rejected`, and after `accepted` exactly
 * one final one, however many mailboxes the message went to: a message to several is accepted when one of
 * them accepts it, and delivered when every copy that was accepted is delivered.
 */
import { assert } from '../base/assert.ts';
import { writeReceipt } from './channels.ts';
import type { Channel, RelayState, Ticket } from './state.ts';
import type { DeadLetterReason, ReceiptReason, ReceiptStatus, RejectReason } from './types.ts';

/** Null when nobody asked for receipts. `owner` null: the operator. */
export function createTicket(owner: Channel | null, id: string | null, targets: number): Ticket | null {
  if (id === null) return null;
  return {
    owner,
    id,
    undecided: Math.max(targets, 1),
    accepted: 0,
    outstanding: 0,
    rejectReason: null,
    deadLetterReason: null,
    waiting: false,
    depth: null,
  };
}

export function ticketAccepted(
  relay: RelayState,
  ticket: Ticket,
  at: { readonly depth: number | null; readonly waiting: boolean },
): void {
  ticket.accepted += 1;
  ticket.outstanding += 1;
  ticket.waiting ||= at.waiting;
  decided(relay, ticket, at.depth);
}

export function ticketRejected(
  relay: RelayState,
  ticket: Ticket,
  reason: RejectReason,
  depth: number | null,
): void {
  ticket.rejectReason ??= reason;
  decided(relay, ticket, depth);
}

/** One accepted copy was delivered (`reason` null) or became a dead letter. */
export function ticketSettled(
  relay: RelayState,
  ticket: Ticket,
  reason: DeadLetterReason | null,
  depth: number | null,
): void {
  assert(ticket.outstanding > 0, 'a copy is settled once');
  ticket.outstanding -= 1;
  ticket.deadLetterReason ??= reason;
  if (ticket.undecided === 0 && ticket.outstanding === 0) finish(relay, ticket, depth);
}

function decided(relay: RelayState, ticket: Ticket, depth: number | null): void {
  assert(ticket.undecided > 0, 'a target decides once');
  ticket.undecided -= 1;
  if (depth !== null) ticket.depth = Math.max(ticket.depth ?? 0, depth);
  if (ticket.undecided > 0) return;
  if (ticket.accepted === 0) {
    give(relay, ticket, { status: 'rejected', reason: ticket.rejectReason, depth: ticket.depth });
    return;
  }
  give(relay, ticket, { status: 'accepted', reason: ticket.waiting ? 'waiting' : null, depth: ticket.depth });
  // Copies that were accepted early may have been delivered while a later target was still full.
  if (ticket.outstanding === 0) finish(relay, ticket, ticket.depth);
}

function finish(relay: RelayState, ticket: Ticket, depth: number | null): void {
  const reason = ticket.deadLetterReason;
  give(relay, ticket, { status: reason === null ? 'delivered' : 'dead-lettered', reason, depth });
}

function give(
  relay: RelayState,
  ticket: Ticket,
  what: {
    readonly status: ReceiptStatus;
    readonly reason: ReceiptReason | null;
    readonly depth: number | null;
  },
): void {
  const receipt = { id: ticket.id, ...what };
  if (ticket.owner === null) relay.effects.push({ type: 'operator.receipt', ...receipt });
  else writeReceipt(relay, ticket.owner, receipt);
}
