// Numbers from the kernel, and what is made of them.
import { readdirSync, readFileSync } from 'node:fs';

/** Time on a CPU and time spent waiting for one, in nanoseconds, all threads summed: exact, not sampled by ticks. */
export function schedule(pid) {
  let cpuNs = 0;
  let waitedNs = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [cpu, waited] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')
      .split(' ')
      .map(Number);
    cpuNs += cpu;
    waitedNs += waited;
  }
  return { cpuNs, waitedNs };
}

export function rssMb(pid) {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return (Number(kib) * 1024) / 1e6;
}

/** Share of all cores that everybody together kept busy since the last call, in percent. */
export function createLoadMeter() {
  const read = () => {
    const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
    const total = fields.slice(0, 8).reduce((sum, field) => sum + field, 0);
    return { total, idle: fields[3] + fields[4] };
  };
  let before = read();
  return () => {
    const now = read();
    const total = now.total - before.total;
    const busy = total === 0 ? 0 : 100 * (1 - (now.idle - before.idle) / total);
    before = now;
    return { busyPercent: busy, loadAverage: Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]) };
  };
}

export const milliseconds = (ns) => Number(ns) / 1e6;

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Jain's index of fairness: 1 when all are equal, 1 ÷ count when one has everything. */
export function jain(numbers) {
  const sum = numbers.reduce((total, number) => total + number, 0);
  const squares = numbers.reduce((total, number) => total + number * number, 0);
  return (sum * sum) / (numbers.length * squares);
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
