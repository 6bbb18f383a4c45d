// Two FIFOs between the children and the benchmark. On the first each child says when it began; the second it
// only holds open, so that its end tells the moment at which the last of them is gone, without polling.
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

const PATIENCE_MS = 30_000;

/** Monotonic nanoseconds, the same clock as CLOCK_MONOTONIC in C. */
export const monotonicNs = () => process.hrtime.bigint();

export function openStamps(bench) {
  const stampsPath = bench.makeFifo();
  const lifePath = bench.makeFifo();
  // Also open for writing, so that it doesn't end whenever no child has it open.
  const socket = new Socket({
    fd: openSync(stampsPath, constants.O_RDWR | constants.O_NONBLOCK),
    readable: true,
    writable: false,
  });
  const arrived = [];
  let rest = '';
  let wake = () => {};
  socket.on('data', (chunk) => {
    const receivedNs = monotonicNs();
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const [pid, ns] = line.split(' ');
      arrived.push({ pid: Number(pid), atNs: ns === '-' ? receivedNs : BigInt(ns) });
    }
    wake();
  });

  return {
    /** Arguments that make the child of this workbench stamp here. */
    args: ['stamp', stampsPath, lifePath],
    stampsPath,
    /** The next `count` stamps, in order of time. */
    take: (count) =>
      within(`${count} stamps`, (resolve) => {
        wake = () => {
          if (arrived.length < count) return;
          wake = () => {};
          resolve(arrived.splice(0, count).sort((a, b) => Number(a.atNs - b.atNs)));
        };
        wake();
      }),
    /** To be called while children live; resolves to the instant at which none does. */
    gone: () =>
      within('the end of all children', (resolve) => {
        const life = new Socket({
          fd: openSync(lifePath, constants.O_RDONLY | constants.O_NONBLOCK),
          readable: true,
          writable: false,
        });
        life.on('end', () => resolve(monotonicNs()));
        life.resume();
      }),
    close: () => socket.destroy(),
  };
}

function within(what, begin) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${what} did not come within ${PATIENCE_MS} ms`)),
      PATIENCE_MS,
    );
    begin((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
