/**
 * The only file that knows pino: the daemon's own log, for people. Synchronous and with an error listener, since
 * an asynchronous destination on a full disk hangs the exit for ever and an unheard error ends the process.
 */
import pino, { type Logger } from 'pino';

export type DaemonLog = Logger;

export function openDaemonLog(path: string): DaemonLog {
  const destination = pino.destination({ dest: path, append: true, sync: true, mode: 0o600 });
  // A full disk loses lines of this log and nothing else.
  destination.on('error', () => {});
  return pino({ name: 'supervise', base: { pid: process.pid } }, destination);
}
