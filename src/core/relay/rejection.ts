/**
 * What is said when a message is not accepted: a receipt if it has an id, otherwise an `error` (none for a
 * full mailbox: `reject` promises not to trouble a sender that asked for no receipt), and a dead letter that
 * says it never counted as accepted.
 */
import { LIMITS } from '../limits.ts';
import { writeHint } from './channels.ts';
import { errorLine } from './lines.ts';
import type { Draft, RelayState } from './state.ts';
import { ticketRejected } from './tickets.ts';
import { type DeadLetterReason, RELAY_ERRORS, type RejectReason, type RelayErrorCode } from './types.ts';

/** How a rejection looks as a dead letter and as an error; null: not at all. */
const CONSEQUENCES: Readonly<
  Record<RejectReason, { readonly deadLetter: DeadLetterReason | null; readonly code: RelayErrorCode | null }>
> = {
  'no-such-job': { deadLetter: 'no-such-job', code: 'SUPERVISE_MESSAGE_NO_SUCH_JOB' },
  'mailbox-full': { deadLetter: 'mailbox-full', code: null },
  quarantined: { deadLetter: 'quarantined', code: 'SUPERVISE_MESSAGE_QUARANTINED' },
  stopped: { deadLetter: 'stopped', code: 'SUPERVISE_MESSAGE_STOPPED' },
  'too-large': { deadLetter: 'too-large', code: 'SUPERVISE_MESSAGE_TOO_LARGE' },
  cycle: { deadLetter: 'mailbox-full', code: 'SUPERVISE_MESSAGE_CYCLE' },
  // Publishing to nobody is no mistake.
  'no-subscribers': { deadLetter: null, code: null },
};

export interface Rejection {
  /** The job, or the address when it means none. */
  readonly to: string;
  readonly reason: RejectReason;
  /** What the mailbox holds; absent when there is none. */
  readonly depth?: number;
}

/** Says that one target, or the address as a whole, did not take the draft. */
export function reject(relay: RelayState, draft: Draft, rejection: Rejection): void {
  const { deadLetter, code } = CONSEQUENCES[rejection.reason];
  const to = clipped(rejection.to);
  if (deadLetter !== null) {
    relay.effects.push({
      type: 'message.dead-lettered',
      from: draft.from,
      to,
      reason: deadLetter,
      bytes: draft.bodyBytes,
      id: draft.id,
      accepted: false,
    });
  }
  if (draft.ticket !== null) {
    ticketRejected(relay, draft.ticket, rejection.reason, rejection.depth ?? null);
  } else if (code !== null && draft.sender !== null) {
    writeHint(relay, draft.sender, errorLine(code, `${RELAY_ERRORS[code]}: ${to}`));
  }
}

/** An address can be as long as a frame; what is kept of a wrong one is not. */
function clipped(address: string): string {
  return address.length <= LIMITS.addressMaxLength
    ? address
    : `${address.slice(0, LIMITS.addressMaxLength)}…`;
}
