/** Status documents for renderers and for the fake daemon. */
import type { JobStatus } from '../../../src/core/views/status.ts';
import type { EventRecord, JobDetail, RelayStatus, Status, SupervisorStatus } from '../../../src/wire/api.ts';

export type Job = JobStatus & RelayStatus;

export function supervisorStatus(changes: Partial<SupervisorStatus> = {}): SupervisorStatus {
  return {
    name: 'demo',
    pid: 100,
    guardPid: 99,
    version: '0.1.0',
    uptimeMs: 312_000,
    rssBytes: 43_100_000,
    cpuPercent: 0.5,
    workers: 2,
    policy: 'round-robin',
    quantumMs: 100,
    agingMs: 2000,
    blocking: 'yield',
    socket: '/run/demo.sock',
    file: '/srv/jobs.json',
    stopping: false,
    degraded: [],
    recovered: null,
    ...changes,
  };
}

export function jobStatus(name: string, changes: Partial<Job> = {}): Job {
  return {
    name,
    phase: 'running',
    reason: 'dispatched',
    detail: null,
    pid: 1234,
    slot: 0,
    incarnation: 1,
    restarts: { total: 0, inPeriod: 0, allowed: 5, periodMs: 60_000, nextInMs: null, recoveries: 0 },
    exit: null,
    priority: 0,
    weight: 100,
    bulkhead: null,
    memory: {
      rssBytes: 48_400_000,
      peakBytes: 50_000_000,
      highBytes: null,
      maxBytes: null,
      sampleAgeMs: 20,
      hitsMaxInMs: null,
    },
    cpu: { percent: 57, timeMs: 3200 },
    slices: 12,
    time: { runningMs: 3400, readyMs: 1200, blockedMs: 0, responseMs: 5, turnaroundMs: null },
    progress: null,
    ready: true,
    repairs: 0,
    mailbox: { depth: 0, inFlight: 0, capacity: 1024, accepted: 0, delivered: 0, deadLettered: 0 },
    channel: 'open',
    output: { bytes: 0, droppedBytes: 0 },
    ...changes,
  };
}

const NO_PROCESS = {
  pid: null,
  slot: null,
  ready: false,
  cpu: { percent: null, timeMs: null },
  memory: {
    rssBytes: null,
    peakBytes: null,
    highBytes: null,
    maxBytes: null,
    sampleAgeMs: null,
    hitsMaxInMs: null,
  },
} as const;

/** One job in most phases. */
export function demoStatus(): Status {
  const restarts = { total: 3, inPeriod: 2, allowed: 5, periodMs: 60_000, nextInMs: null, recoveries: 0 };
  const failed = { code: 1, signal: null, cause: 'exited' } as const;
  return {
    supervisor: supervisorStatus(),
    jobs: [
      jobStatus('api', {
        memory: {
          rssBytes: 83_400_000,
          peakBytes: 90_000_000,
          highBytes: 150_000_000,
          maxBytes: 200_000_000,
          sampleAgeMs: 20,
          hitsMaxInMs: 12_000,
        },
        progress: { value: 3, total: 10, perSecond: 1.5 },
        mailbox: { depth: 2, inFlight: 0, capacity: 1024, accepted: 40, delivered: 38, deadLettered: 0 },
      }),
      jobStatus('compress', {
        phase: 'suspended',
        reason: 'quantum-over',
        slot: null,
        pid: 1235,
        cpu: { percent: 4.2, timeMs: 500 },
      }),
      jobStatus('web', {
        ...NO_PROCESS,
        phase: 'pending',
        reason: 'waiting-for-dependency',
        detail: 'api',
        slices: 0,
      }),
      jobStatus('crash', {
        ...NO_PROCESS,
        phase: 'backing-off',
        reason: 'restart-on-failure',
        exit: failed,
        restarts: { ...restarts, nextInMs: 3200 },
      }),
      jobStatus('hopeless', {
        ...NO_PROCESS,
        phase: 'quarantined',
        reason: 'intensity-exceeded',
        exit: failed,
        restarts: { ...restarts, total: 5, inPeriod: 5 },
      }),
      jobStatus('batch', {
        ...NO_PROCESS,
        phase: 'completed',
        reason: 'exited-cleanly',
        exit: { code: 0, signal: null, cause: 'exited' },
      }),
    ],
  };
}

export function jobDetail(job: Job, changes: Partial<JobDetail> = {}): JobDetail {
  return {
    job,
    decisions: [],
    launch: { argv: ['node', 'api.js'], shell: false, cwd: '/srv', envKeys: ['PORT'] },
    restart: { policy: 'on-failure', delaysMs: [500, 1000, 2000], graceMs: 5000, signal: 'SIGTERM' },
    ahead: null,
    computing: ['api'],
    supervisor: supervisorStatus(),
    ...changes,
  };
}

/** Noon, in whatever time zone the tests run. */
export const NOON = new Date(2025, 0, 2, 12, 0, 0, 0).getTime();

export function eventRecord(event: object, offsetMs = 0): EventRecord {
  return { at: 300_000 + offsetMs, epoch: 1, seq: 1, wall: NOON + offsetMs, ...event } as EventRecord;
}
