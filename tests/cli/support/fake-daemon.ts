/** A daemon of canned answers on a unix socket below a temporary SUPERVISE_HOME. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathsOf } from '../../../src/wire/paths.ts';

export interface Asked {
  readonly method: string;
  /** Below `/api/v1/`, with its query. */
  readonly route: string;
  readonly body: unknown;
}

/** What to answer: a value as JSON, an error with its status, or lines as a stream. */
export type Reply =
  | { readonly json: unknown }
  | { readonly status: number; readonly error: object }
  | { readonly lines: readonly unknown[] };

/** Chooses a reply, or writes the response itself and gives null. */
export type Answerer = (asked: Asked, response: ServerResponse) => Reply | null;

export type Routes = Readonly<Record<string, Reply | Answerer>>;

export interface FakeDaemon {
  readonly asked: Asked[];
  close(): Promise<void>;
}

export interface TempHome {
  readonly env: { readonly SUPERVISE_HOME: string };
  readonly folder: string;
  /** A living supervisor that answers by `METHOD route`, the query left out. */
  start(name: string, routes: Routes): Promise<FakeDaemon>;
  /** Closes and removes everything. */
  remove(): Promise<void>;
}

/** A home whose paths are short enough for sockets. */
export function tempHome(): TempHome {
  const folder = mkdtempSync(join(tmpdir(), 'sv-'));
  const env = { SUPERVISE_HOME: folder };
  const daemons: FakeDaemon[] = [];
  return {
    env,
    folder,
    start: async (name, routes) => {
      const daemon = await listen(pathsOf(name, env).socket, routes);
      daemons.push(daemon);
      return daemon;
    },
    remove: async () => {
      await Promise.all(daemons.map((daemon) => daemon.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listen(socketPath: string, routes: Routes): Promise<FakeDaemon> {
  mkdirSync(dirname(socketPath), { recursive: true });
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const question = await questionOf(request);
    asked.push(question);
    const route = routes[`${question.method} ${question.route.replace(/\?.*/, '')}`] ?? NO_ROUTE;
    const reply = typeof route === 'function' ? route(question, response) : route;
    if (reply !== null) answer(response, reply);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const NO_ROUTE: Reply = { status: 404, error: { code: 'SUPERVISE_USAGE', message: 'no such route' } };

async function questionOf(request: IncomingMessage): Promise<Asked> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const route = (request.url ?? '').replace('/api/v1/', '');
  return {
    method: request.method ?? '',
    route: decodeURIComponent(route),
    body: text === '' ? null : JSON.parse(text),
  };
}

function answer(response: ServerResponse, reply: Reply): void {
  if ('lines' in reply) {
    for (const line of reply.lines) response.write(`${JSON.stringify(line)}\n`);
    return void response.end();
  }
  if ('error' in reply)
    return void response.writeHead(reply.status).end(JSON.stringify({ error: reply.error }));
  response.end(JSON.stringify(reply.json));
}
