/**
 * The only file that knows pidusage, with a fence around what it does wrong (each observed): it keeps a
 * descriptor per pid for `maxage`, never answers with `maxage: 0`, leaks on `clear()`, mutates its argument,
 * fails a whole batch for one `undefined`, and calls the first CPU reading 0.
 */
import pidusage from 'pidusage';

export interface ProcessUsage {
  readonly rssBytes: number;
  /** User and system time since its start. */
  readonly cpuMs: number;
  /** Null at the first reading of a pid. */
  readonly cpuPercent: number | null;
}

export interface UsageReader {
  /** One batch; a pid that is gone is missing from the answer. */
  readonly read: (pids: readonly number[], intervalMs: number) => Promise<Map<number, ProcessUsage>>;
}

/** pidusage forgets and closes a pid this many intervals after it was last asked for. */
const MAX_AGE_INTERVALS = 4;

export function createUsageReader(): UsageReader {
  let known = new Set<number>();
  return {
    read: async (pids, intervalMs) => {
      const usages = new Map<number, ProcessUsage>();
      if (pids.length === 0) return usages;
      const readings = await readBatch(pids, Math.max(1000, intervalMs * MAX_AGE_INTERVALS));
      for (const pid of pids) {
        const reading = readings[pid];
        if (reading === undefined || reading === null) continue;
        usages.set(pid, {
          rssBytes: reading.memory,
          cpuMs: Math.round(reading.ctime),
          cpuPercent: known.has(pid) ? reading.cpu : null,
        });
      }
      known = new Set(usages.keys());
      return usages;
    },
  };
}

type Readings = Record<number, { memory: number; ctime: number; cpu: number } | null | undefined>;

async function readBatch(pids: readonly number[], maxage: number): Promise<Readings> {
  try {
    return (await pidusage([...pids], { maxage })) as Readings;
  } catch (error) {
    // A batch of one rejects where a larger one leaves the pid out.
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH' || code === 'ENOENT' || message.includes('No matching pid')) return {};
    throw error;
  }
}
