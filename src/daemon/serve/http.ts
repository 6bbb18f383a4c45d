/**
 * A small router on node:http. A web framework was tried first: those at hand are built on the global `Request`
 * and `Response`, whose mere mention loads 10 MB into a daemon that is to stay small, since every fork copies
 * its page tables. Knows nothing of supervisors.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LIMITS } from '../../core/limits.ts';
import { ERRORS, SuperviseError } from '../../wire/errors.ts';

/** A request as a handler sees it. */
export interface Exchange {
  /** What stood in the place of `:name` in the route's path, decoded. */
  readonly param: (name: string) => string;
  /** The last value of a query parameter; null: absent. */
  readonly query: (name: string) => string | null;
  readonly queries: (name: string) => readonly string[];
  readonly header: (name: string) => string | null;
  /** The body as text, bounded. */
  readonly text: () => Promise<string>;
}

/** One JSON document, or an endless answer. */
export type Answer =
  | { readonly json: unknown }
  | { readonly contentType: string; readonly stream: (out: Outlet) => Promise<void> };

/** An endless answer's way out, paced by its reader. */
export interface Outlet {
  /** Resolves when the reader has room for more, or is gone. */
  readonly write: (text: string) => Promise<void>;
  readonly isClosed: () => boolean;
  readonly closed: Promise<void>;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Segments; one that begins with `:` stands for any. */
  readonly path: string;
  readonly handle: (exchange: Exchange) => Answer | Promise<Answer>;
}

/** A server of `routes`, not listening yet. */
export function createRouter(routes: readonly Route[]): Server {
  const table = routes.map((route) => ({ ...route, segments: route.path.split('/') }));
  return createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) => {
    // A client that goes away in the middle is no error of ours.
    request.on('error', () => {});
    response.on('error', () => {});
    answer(table, request, response).catch((error: unknown) => fail(response, error));
  });
}

type Table = readonly (Route & { readonly segments: readonly string[] })[];

async function answer(table: Table, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = urlOf(request);
  for (const route of table) {
    const params = route.method === request.method ? match(route.segments, url.pathname) : null;
    if (params === null) continue;
    const result = await route.handle(exchangeOf(request, url, params));
    if ('json' in result) return sendJson(response, 200, result.json);
    return await sendStream(response, result);
  }
  throw new SuperviseError('SUPERVISE_USAGE', `no route ${request.method} ${url.pathname}`);
}

/** Joined, not resolved: `//host/x` would otherwise name another host. */
function urlOf(request: IncomingMessage): URL {
  const text = `http://socket${request.url ?? '/'}`;
  if (!URL.canParse(text)) throw new SuperviseError('SUPERVISE_USAGE', 'the path of the request is no path');
  return new URL(text);
}

function match(segments: readonly string[], path: string): ReadonlyMap<string, string> | null {
  const parts = path.split('/');
  if (parts.length !== segments.length) return null;
  const params = new Map<string, string>();
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? '';
    if (segment.startsWith(':')) params.set(segment.slice(1), decoded(part));
    else if (segment !== part) return null;
  }
  return params;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new SuperviseError('SUPERVISE_USAGE', `a name in the path is not encoded well: ${part}`);
  }
}

function exchangeOf(request: IncomingMessage, url: URL, params: ReadonlyMap<string, string>): Exchange {
  return {
    param: (name) => params.get(name) ?? '',
    query: (name) => url.searchParams.getAll(name).at(-1) ?? null,
    queries: (name) => url.searchParams.getAll(name),
    header: (name) => {
      const value = request.headers[name.toLowerCase()];
      return typeof value === 'string' ? value : null;
    },
    text: () => textOf(request),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LIMITS.requestMaxBytes) {
      throw new SuperviseError(
        'SUPERVISE_TOO_LARGE',
        `a request may have at most ${LIMITS.requestMaxBytes} bytes`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
  });
  response.end(body);
}

async function sendStream(
  response: ServerResponse,
  result: Extract<Answer, { stream: unknown }>,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': result.contentType, 'Cache-Control': 'no-store' });
  response.flushHeaders();
  await result.stream(outletOf(response));
  response.end();
}

function outletOf(response: ServerResponse): Outlet {
  const closed = new Promise<void>((resolve) => {
    response.once('close', () => resolve());
  });
  const isClosed = (): boolean => response.destroyed || response.writableEnded;
  return {
    closed,
    isClosed,
    write: async (text) => {
      if (isClosed() || response.write(text)) return;
      await roomOf(response);
    },
  };
}

/** Until there is room for more, or nobody left to take it. */
function roomOf(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      response.off('drain', over);
      response.off('close', over);
      resolve();
    };
    response.once('drain', over);
    response.once('close', over);
  });
}

/** A code and a sentence, never a stack. */
function fail(response: ServerResponse, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  const known = error instanceof SuperviseError ? error : new SuperviseError('SUPERVISE_BUG', text);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  sendJson(response, ERRORS[known.code].httpStatus, { error: known.toBody() });
}
