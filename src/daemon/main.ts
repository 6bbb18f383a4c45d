/**
 * The daemon's process: takes the configuration from whoever started it, locks the name, runs until every job is
 * over, cleans up. Started by the guard, never by hand.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { Socket } from 'node:net';
import type { SupervisorSpec } from '../core/job/spec.ts';
import type { Handoff, HandoffAnswer } from '../wire/api.ts';
import { SuperviseError } from '../wire/errors.ts';
import { pathsOf, type SupervisorPaths } from '../wire/paths.ts';
import { createDaemon, type Daemon } from './daemon.ts';
import { GUARD_DESCRIPTOR, HANDOFF_DESCRIPTOR } from './guard.ts';
import { type DaemonLog, openDaemonLog } from './log.ts';
import { markPrefixOf } from './mark.ts';
import { closeInheritedDescriptors } from './os/descriptors.ts';
import { claimName, prepareFolders, removeStaleSocket, takeLock } from './os/folders.ts';
import type { Route } from './serve/http.ts';
import { routesOf } from './serve/routes.ts';
import { listen } from './serve/server.ts';
import { createStatusDesk } from './serve/status.ts';

const EXIT_BUG = 70;
const GOODBYE_MS = 1000;
const SOCKET_LOOK_MS = 1000;

closeInheritedDescriptors();
await main();

async function main(): Promise<void> {
  const starter = new Socket({ fd: HANDOFF_DESCRIPTOR, readable: true, writable: true });
  const { config } = await handoffFrom(starter);
  try {
    await serve(config);
    await answer(starter, { started: true, pid: process.pid });
  } catch (error) {
    const known =
      error instanceof SuperviseError ? error : new SuperviseError('SUPERVISE_START_FAILED', String(error));
    await answer(starter, { started: false, error: known.toBody() });
    process.exit(known.exitCode);
  }
}

async function serve(config: SupervisorSpec): Promise<void> {
  const paths = pathsOf(config.name, process.env);
  prepareFolders(paths);
  takeLock(paths.lock, process.platform);
  await claimName(markPrefixOf(config.name, paths), process.platform);
  removeStaleSocket(paths.socket);
  const log = openDaemonLog(paths.daemonLog);
  const daemon = createDaemon({
    config,
    paths,
    environment: process.env,
    platform: process.platform,
    seed: Number(process.hrtime.bigint() & 0xffffffffn),
    guardDescriptor: GUARD_DESCRIPTOR,
    log,
    onBug: (error) => crash(daemon, paths, log, error),
  });
  process.on('uncaughtException', (error) => crash(daemon, paths, log, error));
  process.on('unhandledRejection', (error) => crash(daemon, paths, log, error));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => daemon.loop.post({ type: 'operator.shutdown', now: false }));
  }
  process.on('SIGHUP', () => {});
  await daemon.clearStrays();
  const routes = routesOf(daemon, createStatusDesk(daemon, process.ppid));
  const servers = [await listen(routes, paths.socket)];
  watchSocket(daemon, routes, servers);
  daemon.apply(config);
  log.info({ jobs: config.jobs.length, socket: paths.socket }, 'started');
  void daemon.ended.then(({ survivors }) => leave(daemon, servers, log, survivors.length));
}

async function leave(
  daemon: Daemon,
  servers: readonly Server[],
  log: DaemonLog,
  survivors: number,
): Promise<void> {
  log.info({ survivors }, 'stopped');
  await Promise.all(servers.map(closeServer));
  rmSync(daemon.paths.socket, { force: true });
  daemon.journal.close();
  daemon.logs.close();
  // A guard that is suspended does not read: it will find the goodbye when it does.
  await Promise.race([daemon.guard.goodbye(), daemon.clock.delay(GOODBYE_MS)]);
  process.exit(survivors === 0 ? 0 : 1);
}

/** A socket file that somebody removed is made again: the daemon behind it could not be reached otherwise. */
function watchSocket(daemon: Daemon, routes: readonly Route[], servers: Server[]): void {
  const { clock, paths } = daemon;
  let lookAtMs = clock.now() + SOCKET_LOOK_MS;
  clock.register({
    wakeAtMs: () => lookAtMs,
    woke: () => {
      lookAtMs = clock.now() + SOCKET_LOOK_MS;
      if (existsSync(paths.socket) || daemon.loop.state().stopped) return;
      const made = (server: Server): void => void servers.push(server);
      // The folder may be gone too; the next look tries anew.
      listen(routes, paths.socket).then(made, () => {});
    },
  });
  clock.rearm();
}

/** Answers under way are finished; whoever only listens is let go. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    setTimeout(() => server.closeAllConnections(), 200).unref();
    setTimeout(resolve, 1000).unref();
  });
}

/**
 * A bug: end every group, write the flight recorder, leave. The guard sees no goodbye and ends what this missed.
 */
function crash(daemon: Daemon, paths: SupervisorPaths, log: DaemonLog, error: unknown): never {
  try {
    daemon.abandon();
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${new Date().toISOString()} ${text}\n`);
    log.fatal({ error: text }, 'a bug in supervise; every process group was ended');
    writeFileSync(`${paths.state}/recorder.json`, JSON.stringify(daemon.loop.recorded()), { mode: 0o600 });
  } finally {
    process.exit(EXIT_BUG);
  }
}

function handoffFrom(starter: Socket): Promise<Handoff> {
  return new Promise((resolve) => {
    let text = '';
    starter.setEncoding('utf8');
    starter.on('data', (chunk: string) => {
      text += chunk;
      if (text.endsWith('\n')) resolve(JSON.parse(text) as Handoff);
    });
    // Whoever started this went away before saying what to run.
    starter.on('end', () => process.exit(0));
    starter.on('error', () => process.exit(0));
  });
}

function answer(starter: Socket, message: HandoffAnswer): Promise<void> {
  return new Promise((resolve) => {
    starter.removeAllListeners('end');
    starter.removeAllListeners('error');
    starter.on('error', () => resolve());
    starter.end(`${JSON.stringify(message)}\n`, () => {
      starter.destroy();
      resolve();
    });
  });
}
