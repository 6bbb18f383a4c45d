/**
 * One line from a child into a frame: its envelope is checked, its body is cut out as it stands, so numbers
 * and spelling reach the receiver unchanged. The worst a child gets is a refusal with a code from the list
 * below. For now the whole line is parsed to know that it is valid; a version that reads the envelope alone
 * has to replace `parseLine` and nothing else. Knows nothing of chunks, jobs or sockets.
 */
import { isUtf8 } from 'node:buffer';
import { LIMITS } from '../../core/limits.ts';
import type { Frame } from '../../core/relay/types.ts';

/** Every reason a line is refused, with what the child is told. */
export const FRAME_REFUSALS = {
  SUPERVISE_FRAME_TOO_LARGE: `a line may have at most ${LIMITS.frameMaxBytes} bytes`,
  SUPERVISE_FRAME_TOO_DEEP: `a frame may be at most ${LIMITS.frameMaxDepth} levels deep`,
  SUPERVISE_FRAME_NOT_UTF8: 'a line has to be valid UTF-8',
  SUPERVISE_FRAME_NOT_JSON: 'a line has to be one JSON value',
  SUPERVISE_FRAME_NOT_AN_OBJECT: 'a frame has to be a JSON object',
  SUPERVISE_FRAME_NODE_INTERNAL: "frames of Node's own channel protocol mean nothing here",
  SUPERVISE_FRAME_UNKNOWN_TYPE: 'the frame has an unknown "type"',
  SUPERVISE_FRAME_WITHOUT_TARGET: 'a frame needs a "to" or a "type"',
  SUPERVISE_FRAME_WRONG_FIELD: 'a field is missing or of the wrong type',
  SUPERVISE_FRAME_ADDRESS_TOO_LONG: `"to" may have at most ${LIMITS.addressMaxLength} characters`,
  SUPERVISE_FRAME_TOPIC_TOO_LONG: `"topic" may have at most ${LIMITS.topicMaxLength} characters`,
  SUPERVISE_FRAME_ID_TOO_LONG: `"id" and "inReplyTo" may have at most ${LIMITS.messageIdMaxLength} characters`,
} as const;

export type FrameRefusal = keyof typeof FRAME_REFUSALS;

/** Why a line is no frame; `detail` names the field. */
export interface Refused {
  readonly refused: FrameRefusal;
  readonly detail?: string;
}

/** A parsed object; `__proto__` in it is an own key that nothing here reads. */
type Fields = Readonly<Record<string, unknown>>;

/** A line without its newline and not empty. Never throws. */
export function parseLine(line: Buffer): Frame | Refused {
  if (line.length > LIMITS.frameMaxBytes) return { refused: 'SUPERVISE_FRAME_TOO_LARGE' };
  if (!isUtf8(line)) return { refused: 'SUPERVISE_FRAME_NOT_UTF8' };
  const layout = scan(line);
  if (layout.depth > LIMITS.frameMaxDepth) return { refused: 'SUPERVISE_FRAME_TOO_DEEP' };
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    return { refused: 'SUPERVISE_FRAME_NOT_JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { refused: 'SUPERVISE_FRAME_NOT_AN_OBJECT' };
  }
  return readEnvelope(value as Fields, () => bodyOf(line, layout, value as Fields));
}

/** Where the body stands in a line, and how deep the line is nested. Exact for valid JSON only. */
interface Layout {
  readonly depth: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BODY_KEY = Buffer.from('"body"');

/** One pass over the bytes, before anything is parsed: depth, and the extent of the last top-level body. */
function scan(line: Buffer): Layout {
  let depth = 0;
  let deepest = 0;
  let bodyStart = -1;
  let bodyEnd = -1;
  let inBody = false;
  let keyIsBody = false;
  for (let at = 0; at < line.length; at += 1) {
    switch (line[at]) {
      case QUOTE: {
        const end = endOfString(line, at);
        if (depth === 1 && !inBody) {
          keyIsBody = end + 1 - at === BODY_KEY.length && BODY_KEY.compare(line, at, end + 1) === 0;
        }
        at = end;
        break;
      }
      case 0x3a: // :
        if (depth === 1 && keyIsBody && !inBody) {
          inBody = true;
          bodyStart = at + 1;
        }
        break;
      case 0x7b: // {
      case 0x5b: // [
        depth += 1;
        deepest = Math.max(deepest, depth);
        break;
      case 0x7d: // }
      case 0x5d: // ]
      case 0x2c: // ,
        if (depth === 1 && inBody) {
          inBody = false;
          keyIsBody = false;
          bodyEnd = at;
        }
        if (line[at] !== 0x2c) depth -= 1;
        break;
    }
  }
  return { depth: deepest, bodyStart, bodyEnd };
}

/** Index of the quote that ends the string beginning at `start`; the last byte when there is none. */
function endOfString(line: Buffer, start: number): number {
  for (let at = start + 1; at < line.length; at += 1) {
    if (line[at] === BACKSLASH) at += 1;
    else if (line[at] === QUOTE) return at;
  }
  return line.length - 1;
}

/**
 * The body as JSON text, cut out of the line; `null` when there is none. A carriage return can stand in valid
 * JSON as blank space only, and becomes a space: some readers end a line at it, and what follows would look to
 * them like a line that the daemon wrote.
 */
function bodyOf(line: Buffer, layout: Layout, fields: Fields): string {
  if (layout.bodyStart !== -1) {
    const text = line.toString('utf8', layout.bodyStart, layout.bodyEnd).trim();
    return text.includes('\r') ? text.replaceAll('\r', ' ') : text;
  }
  // Its key was spelt with escapes, or there is none. The depth is bounded, so this cannot throw.
  return JSON.stringify(fields.body ?? null);
}

function readEnvelope(fields: Fields, body: () => string): Frame | Refused {
  const { cmd, type, to } = fields;
  if (typeof cmd === 'string' && cmd.startsWith('NODE_')) return { refused: 'SUPERVISE_FRAME_NODE_INTERNAL' };
  switch (type) {
    case undefined:
      if (to === undefined) return { refused: 'SUPERVISE_FRAME_WITHOUT_TARGET' };
      return readMessage(fields, body);
    case 'message':
      return readMessage(fields, body);
    case 'publish':
    case 'subscribe':
    case 'unsubscribe':
      return readTopic(type, fields, body);
    case 'ready':
    case 'heartbeat':
    case 'yield':
      return { kind: type };
    case 'progress':
      return readProgress(fields);
    case 'hello':
      if (typeof fields.acknowledges !== 'boolean') return wrong('"acknowledges" has to be true or false');
      return { kind: 'hello', acknowledges: fields.acknowledges };
    case 'acknowledge':
      if (!Number.isSafeInteger(fields.delivery)) return wrong('"delivery" has to be a whole number');
      return { kind: 'acknowledge', delivery: fields.delivery as number };
    // A catch-all over what a child can send, not over a union of ours.
    default:
      return { refused: 'SUPERVISE_FRAME_UNKNOWN_TYPE' };
  }
}

function readMessage(fields: Fields, body: () => string): Frame | Refused {
  const { to } = fields;
  if (typeof to !== 'string') return wrong('"to" has to be a string');
  if (to.length > LIMITS.addressMaxLength) return { refused: 'SUPERVISE_FRAME_ADDRESS_TOO_LONG' };
  const id = readId(fields.id, 'id');
  if (isRefused(id)) return id;
  const inReplyTo = readId(fields.inReplyTo, 'inReplyTo');
  if (isRefused(inReplyTo)) return inReplyTo;
  return { kind: 'message', to, body: body(), id, inReplyTo };
}

function readTopic(
  kind: 'publish' | 'subscribe' | 'unsubscribe',
  fields: Fields,
  body: () => string,
): Frame | Refused {
  const { topic } = fields;
  if (typeof topic !== 'string') return wrong('"topic" has to be a string');
  if (topic.length > LIMITS.topicMaxLength) return { refused: 'SUPERVISE_FRAME_TOPIC_TOO_LONG' };
  if (kind !== 'publish') return { kind, topic };
  const id = readId(fields.id, 'id');
  return isRefused(id) ? id : { kind, topic, body: body(), id };
}

function readProgress(fields: Fields): Frame | Refused {
  const { value, total = null } = fields;
  if (!Number.isFinite(value)) return wrong('"value" has to be a number');
  if (total !== null && !Number.isFinite(total)) return wrong('"total" has to be a number');
  return { kind: 'progress', value: value as number, total: total as number | null };
}

/** An absent or null id asks for nothing. */
function readId(value: unknown, field: 'id' | 'inReplyTo'): string | null | Refused {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') return wrong(`"${field}" has to be a string`);
  return value.length > LIMITS.messageIdMaxLength ? { refused: 'SUPERVISE_FRAME_ID_TOO_LONG' } : value;
}

function wrong(detail: string): Refused {
  return { refused: 'SUPERVISE_FRAME_WRONG_FIELD', detail };
}

function isRefused(value: string | null | Refused): value is Refused {
  return typeof value === 'object' && value !== null;
}
