/**
 * JSON over the exchange: one document for a request, one a line for a stream. Failures of the daemon come back
 * as the same SuperviseError it threw. It must not know any route.
 */
import { ERRORS, type ErrorBody, SuperviseError } from '../wire/errors.ts';
import { type Answer, exchange } from './http.ts';

export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly silenceMs?: number;
}

/** Ten thousand jobs make about 10 MB of status; whatever is far beyond is no answer of ours. */
const DOCUMENT_MAX_BYTES = 256 * 1024 * 1024;
/** A log line has at most 16 KiB and grows sixfold when all of it has to be escaped. */
const LINE_MAX_BYTES = 4 * 1024 * 1024;

/** One request; the parsed answer, or a SuperviseError. */
export async function request(
  socketPath: string,
  method: 'GET' | 'POST',
  route: string,
  body?: unknown,
  options: RequestOptions = {},
): Promise<unknown> {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await exchange(socketPath, { method, route, ...text, ...options });
  return parse(answer, await textOf(answer.body));
}

/** The values of a stream of JSON lines, as they arrive; aborting the signal ends it without an error. */
export async function* stream(
  socketPath: string,
  route: string,
  options: RequestOptions = {},
): AsyncGenerator<unknown, void> {
  const answer = await exchange(socketPath, { method: 'GET', route, ...options });
  if (answer.status >= 400) parse(answer, await textOf(answer.body));
  for await (const line of lines(answer.body)) {
    if (line.trim() !== '') yield parseText(line);
  }
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > DOCUMENT_MAX_BYTES)
      throw new SuperviseError('SUPERVISE_TOO_LARGE', 'the answer of the daemon is too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

async function* lines(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of body) {
    const parts = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > LINE_MAX_BYTES)
      throw new SuperviseError('SUPERVISE_TOO_LARGE', 'a line of the stream never ends');
    yield* parts;
  }
  // Without its newline the last line may have been cut; then it is no JSON and the stream was broken off.
  if (isJson(rest)) yield rest;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parse(answer: Answer, text: string): unknown {
  const value = text === '' ? null : parseText(text);
  if (answer.status >= 400) throw errorOf(answer.status, value);
  return value;
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SuperviseError('SUPERVISE_BUG', 'the answer of the daemon is no JSON');
  }
}

function errorOf(status: number, value: unknown): SuperviseError {
  const body = (value as { readonly error?: Partial<ErrorBody> } | null)?.error;
  if (body?.code === undefined || !Object.hasOwn(ERRORS, body.code)) {
    return new SuperviseError('SUPERVISE_BUG', body?.message ?? `the daemon answered with status ${status}`);
  }
  return new SuperviseError(body.code, body.message ?? body.code, body.details ?? []);
}
