/** The last decisions about each job, for `explain`: a bounded view of the event stream. */
import { isDurable, jobOf } from '../core/event.ts';
import { LIMITS } from '../core/limits.ts';
import type { EventRecord } from '../wire/api.ts';

export interface Decisions {
  readonly take: (records: readonly EventRecord[]) => void;
  readonly of: (job: string) => readonly EventRecord[];
}

/** Handing slots on is frequent: it must not push out why a job failed. */
const FREQUENT: ReadonlySet<EventRecord['type']> = new Set<EventRecord['type']>([
  'run.preempted',
  'run.suspended',
  'run.resumed',
]);
const FREQUENT_KEPT = 6;

export function createDecisions(): Decisions {
  const rare = new Map<string, EventRecord[]>();
  const frequent = new Map<string, EventRecord[]>();
  const keep = (kept: Map<string, EventRecord[]>, job: string, record: EventRecord, most: number): void => {
    const list = kept.get(job) ?? [];
    list.push(record);
    if (list.length > most) list.shift();
    kept.set(job, list);
  };
  return {
    take: (records) => {
      for (const record of records) {
        const job = jobOf(record);
        if (job === null || !isDurable(record)) continue;
        if (FREQUENT.has(record.type)) keep(frequent, job, record, FREQUENT_KEPT);
        else keep(rare, job, record, LIMITS.decisionsPerJob);
        if (record.type === 'job.removed') {
          rare.delete(job);
          frequent.delete(job);
        }
      }
    },
    of: (job) => [...(rare.get(job) ?? []), ...(frequent.get(job) ?? [])].sort((a, b) => a.seq - b.seq),
  };
}
