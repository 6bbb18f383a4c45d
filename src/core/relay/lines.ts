/**
 * The lines a child reads, byte for byte as design 2.3 shows them, and the size of a text in UTF-8. Built by
 * concatenation, because bodies are opaque JSON texts that are never parsed again. Absent fields are left out.
 */
import type { Message } from './state.ts';
import type { PressureFields, ReceiptReason, ReceiptStatus } from './types.ts';

/** All of a message line that stands before its body. */
export function messageHead(message: Message, to: string): string {
  let head = `{"type":"message","delivery":${message.delivery},"from":${JSON.stringify(message.from)}`;
  head += `,"to":${JSON.stringify(to)}`;
  if (message.id !== null) head += `,"id":${JSON.stringify(message.id)}`;
  if (message.inReplyTo !== null) head += `,"inReplyTo":${JSON.stringify(message.inReplyTo)}`;
  if (message.topic !== null) head += `,"topic":${JSON.stringify(message.topic)}`;
  return `${head},"body":`;
}

/** All of a message line that stands after its body. */
export const MESSAGE_TAIL = '}\n';

export interface Receipt {
  readonly id: string;
  readonly status: ReceiptStatus;
  readonly reason: ReceiptReason | null;
  readonly depth: number | null;
}

export function receiptLine(receipt: Receipt): string {
  let line = `{"type":"receipt","id":${JSON.stringify(receipt.id)},"status":"${receipt.status}"`;
  if (receipt.reason !== null) line += `,"reason":"${receipt.reason}"`;
  if (receipt.depth !== null) line += `,"depth":${receipt.depth}`;
  return `${line}}\n`;
}

export function errorLine(code: string, message: string): string {
  return `{"type":"error","code":${JSON.stringify(code)},"message":${JSON.stringify(message)}}\n`;
}

export function mailboxPressureLine(to: string, depth: number, capacity: number): string {
  return `{"type":"pressure","resource":"mailbox","to":${JSON.stringify(to)},"depth":${depth},"capacity":${capacity}}\n`;
}

export function memoryPressureLine(fields: PressureFields): string {
  const rest = fields.map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`).join('');
  return `{"type":"pressure","resource":"memory"${rest}}\n`;
}

const BEYOND_ASCII = /[\u0080-\uffff]/;

/** Bytes of a text in UTF-8; a lone surrogate counts as the replacement character it is sent as. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  // Most texts are plain, and the search is several times faster than the loop.
  if (!BEYOND_ASCII.test(text)) return bytes;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      bytes += 1;
      continue;
    }
    bytes += 2;
    const isHigh = unit >= 0xd800 && unit < 0xdc00;
    const next = isHigh ? text.charCodeAt(index + 1) : 0;
    // A pair is four bytes for two units: two more than its length, and the second unit adds nothing.
    if (next >= 0xdc00 && next < 0xe000) index += 1;
  }
  return bytes;
}
