/** The daemon's end of the pipe to its guard. A guard that is gone is noticed and said, never waited for. */
import { Socket } from 'node:net';

export interface GuardLine {
  readonly groupStarted: (groupId: number, startTime: number | null) => void;
  readonly groupEnded: (groupId: number) => void;
  /** The daemon leaves on purpose: nothing is left to be ended. */
  readonly goodbye: () => Promise<void>;
  /** Since when the guard is gone; null: it is there. */
  readonly lostSinceMs: () => number | null;
}

/**
 * Speaks to the guard on `descriptor`; null: there is none (tests). To be opened only while holding the lock: from
 * here on the guard takes the end of the pipe for the death of the one daemon of this name.
 */
export function openGuardLine(descriptor: number | null, now: () => number): GuardLine {
  if (descriptor === null) {
    return { groupStarted: () => {}, groupEnded: () => {}, goodbye: async () => {}, lostSinceMs: () => null };
  }
  let lostSinceMs: number | null = null;
  const guardPid = process.ppid;
  const socket = new Socket({ fd: descriptor, readable: false, writable: true });
  const lost = (): void => {
    lostSinceMs ??= now();
  };
  socket.on('error', lost);
  socket.on('close', lost);
  // libuv writes at once when nothing is queued, so a line is in the pipe when this returns.
  const write = (line: string): void => {
    if (lostSinceMs === null) socket.write(`${line}\n`);
  };
  write('up');
  return {
    groupStarted: (groupId, startTime) => write(`+ ${groupId} ${startTime ?? '-'}`),
    groupEnded: (groupId) => write(`- ${groupId}`),
    goodbye: () =>
      new Promise((resolve) => {
        if (lostSinceMs !== null) return resolve();
        socket.once('error', () => resolve());
        socket.end('bye\n', () => resolve());
      }),
    lostSinceMs: () => {
      // A pipe nobody writes to does not tell that its reader is gone; having another parent does.
      if (process.ppid !== guardPid) lost();
      return lostSinceMs;
    },
  };
}
