/**
 * JSON over HTTP/1.1 on a unix socket: one document for a request, one a line for a stream. Failures of the daemon
 * come back as the same SuperviseError it threw. The protocol is spoken on node:net and in this one file: loading
 * node:http would cost a short command a third of its time, each further file a millisecond. It must not know any
 * route.
 */
import { connect, type Socket } from 'node:net';
import { LIMITS } from '../core/limits.ts';
import { ERRORS, type ErrorBody, SuperviseError } from '../wire/errors.ts';

export interface RequestOptions {
  /** Aborting it ends the exchange without an error. */
  readonly signal?: AbortSignal;
  /** Give up when nothing arrives for this long; absent: wait for ever. */
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
  // The daemon ends each line; what has no end was cut off with the connection.
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

interface Call extends RequestOptions {
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1/`, with its query. */
  readonly route: string;
  /** JSON text. */
  readonly body?: string;
}

interface Answer {
  readonly status: number;
  /** Ends early without an error when the call was aborted. */
  readonly body: AsyncIterable<Buffer>;
}

interface Source {
  readonly chunks: AsyncIterator<Buffer>;
  /** Read from the socket, not consumed yet. */
  rest: Buffer;
}

type Framing =
  | { readonly kind: 'chunked' | 'until-end' }
  | { readonly kind: 'counted'; readonly length: number };

const HEAD_MAX_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/** Sends one request and answers as soon as the head of the response is there. */
async function exchange(socketPath: string, call: Call): Promise<Answer> {
  checkSocketPath(socketPath);
  const socket = open(socketPath, call);
  const source: Source = { chunks: socket[Symbol.asyncIterator](), rest: NOTHING };
  try {
    const head = await readUntil(source, '\r\n\r\n');
    return {
      status: statusOf(head),
      body: guarded(socketPath, socket, framed(source, framingOf(head)), call),
    };
  } catch (error) {
    socket.destroy();
    if (call.signal?.aborted === true)
      return { status: 204, body: guarded(socketPath, socket, nothing(), call) };
    throw connectionError(socketPath, error);
  }
}

/** Refuses paths that Node 20 would silently truncate to another one. */
export function checkSocketPath(socketPath: string): void {
  const bytes = Buffer.byteLength(socketPath);
  if (bytes <= LIMITS.socketPathMaxBytes) return;
  const most = `at most ${LIMITS.socketPathMaxBytes} are possible`;
  throw new SuperviseError(
    'SUPERVISE_PATH_TOO_LONG',
    `a socket path of ${bytes} bytes, ${most}: ${socketPath}`,
  );
}

function open(socketPath: string, call: Call): Socket {
  const socket = connect(socketPath);
  // The error itself reaches whoever reads; without a listener it would end the process.
  socket.on('error', () => {});
  if (call.signal !== undefined) destroyOnAbort(socket, call.signal);
  if (call.silenceMs !== undefined) {
    const silence = `the daemon was silent for ${call.silenceMs / 1000} s; it may be suspended or overloaded`;
    socket.setTimeout(call.silenceMs, () =>
      socket.destroy(new SuperviseError('SUPERVISE_NO_DAEMON', silence)),
    );
  }
  socket.write(requestText(call));
  return socket;
}

function destroyOnAbort(socket: Socket, signal: AbortSignal): void {
  const abort = () => void socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', abort));
  if (signal.aborted) abort();
}

function requestText(call: Call): string {
  const head = `${call.method} /api/v1/${call.route} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
  if (call.method === 'GET') return `${head}\r\n`;
  const body = call.body ?? '';
  return `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

async function* guarded(
  socketPath: string,
  socket: Socket,
  body: AsyncIterable<Buffer>,
  call: Call,
): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    if (call.signal?.aborted !== true) throw connectionError(socketPath, error);
  } finally {
    socket.destroy();
  }
}

function connectionError(socketPath: string, error: unknown): SuperviseError {
  if (error instanceof SuperviseError) return error;
  const code = (error as { readonly code?: unknown }).code;
  if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR') {
    return new SuperviseError(
      'SUPERVISE_NO_DAEMON',
      `no supervisor is running: nothing answers at ${socketPath}`,
    );
  }
  if (code === 'EACCES') {
    return new SuperviseError('SUPERVISE_BAD_STATE_FOLDER', `${socketPath} belongs to somebody else`);
  }
  return new SuperviseError(
    'SUPERVISE_NO_DAEMON',
    `the daemon closed the connection early (${String(code)})`,
  );
}

async function fill(source: Source): Promise<boolean> {
  const next = await source.chunks.next();
  if (next.done === true) return false;
  source.rest = source.rest.length === 0 ? next.value : Buffer.concat([source.rest, next.value]);
  return true;
}

/** The text before the mark, both consumed. */
async function readUntil(source: Source, mark: string): Promise<string> {
  for (;;) {
    const end = source.rest.indexOf(mark);
    if (end !== -1) {
      const text = source.rest.toString('latin1', 0, end);
      source.rest = source.rest.subarray(end + mark.length);
      return text;
    }
    if (source.rest.length > HEAD_MAX_BYTES) throw malformed('its head never ends');
    if (!(await fill(source))) throw brokenOff();
  }
}

function statusOf(head: string): number {
  const match = /^HTTP\/1\.[01] (\d{3})/.exec(head);
  if (match === null) throw malformed('it is no HTTP');
  return Number(match[1]);
}

function framingOf(head: string): Framing {
  if (/^transfer-encoding:\s*chunked\s*$/im.test(head)) return { kind: 'chunked' };
  const length = /^content-length:\s*(\d+)\s*$/im.exec(head);
  return length === null ? { kind: 'until-end' } : { kind: 'counted', length: Number(length[1]) };
}

function framed(source: Source, framing: Framing): AsyncIterable<Buffer> {
  switch (framing.kind) {
    case 'chunked':
      return chunked(source);
    case 'counted':
      return counted(source, framing.length);
    case 'until-end':
      return untilEnd(source);
  }
}

async function* counted(source: Source, length: number): AsyncGenerator<Buffer> {
  let missing = length;
  while (missing > 0) {
    if (source.rest.length === 0 && !(await fill(source))) throw brokenOff();
    const piece = source.rest.subarray(0, missing);
    source.rest = source.rest.subarray(piece.length);
    missing -= piece.length;
    yield piece;
  }
}

async function* chunked(source: Source): AsyncGenerator<Buffer> {
  for (;;) {
    const size = Number.parseInt(await readUntil(source, '\r\n'), 16);
    if (Number.isNaN(size)) throw malformed('a chunk has no size');
    if (size === 0) return;
    yield* counted(source, size);
    await readUntil(source, '\r\n');
  }
}

async function* untilEnd(source: Source): AsyncGenerator<Buffer> {
  do {
    if (source.rest.length > 0) yield source.rest;
    source.rest = NOTHING;
  } while (await fill(source));
}

async function* nothing(): AsyncGenerator<Buffer> {}

function brokenOff(): Error {
  return Object.assign(new Error(), { code: 'end of stream' });
}

function malformed(what: string): SuperviseError {
  return new SuperviseError('SUPERVISE_BUG', `the answer of the daemon can't be read: ${what}`);
}
