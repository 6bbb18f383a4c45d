/** The unix socket: private to this user, bounded in clients and time. */

import { chmodSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { LIMITS } from '../../core/limits.ts';

/** Listens on `path`, readable and writable by this user only, also for the instant before chmod. */
export function listen(app: Hono, path: string): Promise<Server> {
  const server = createServer(
    { requestTimeout: 30_000, headersTimeout: 10_000 },
    getRequestListener(app.fetch),
  );
  server.maxConnections = LIMITS.subscribersMax * 4;
  server.keepAliveTimeout = 1000;
  return new Promise((resolve, reject) => {
    const umask = process.umask(0o077);
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(server);
    });
    process.umask(umask);
  });
}
