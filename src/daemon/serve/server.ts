/** The unix socket: private to this user, bounded in clients and time. */
import { chmodSync } from 'node:fs';
import type { Server } from 'node:http';
import { LIMITS } from '../../core/limits.ts';
import { createRouter, type Route } from './http.ts';

/** Listens on `path`, readable and writable by this user only, also for the instant before chmod. */
export function listen(routes: readonly Route[], path: string): Promise<Server> {
  const server = createRouter(routes);
  server.maxConnections = LIMITS.connectionsMax;
  server.keepAliveTimeout = 1000;
  return new Promise((resolve, reject) => {
    const umask = process.umask(0o077);
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      // A connection that could not be accepted (no descriptors left) is the client's to try again.
      server.off('error', reject);
      server.on('error', () => {});
      resolve(server);
    });
    process.umask(umask);
  });
}
