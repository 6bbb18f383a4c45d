/** Job and supervisor specs with the defaults of design 2.2, for tests of the core. */
import type { JobSpec } from '../../src/core/job/spec.ts';
import type { Settings } from '../../src/core/state.ts';

type Overrides = {
  [K in keyof JobSpec]?: Partial<JobSpec[K]> extends JobSpec[K] ? Partial<JobSpec[K]> : JobSpec[K];
};

export const DEFAULT_SPEC: JobSpec = {
  name: 'a',
  replicaOf: null,
  dependsOn: [],
  ready: 'spawned',
  memory: { highBytes: null, maxBytes: null },
  priority: 0,
  weight: 100,
  preempt: true,
  restart: {
    policy: 'on-failure',
    backoff: { initialMs: 500, factor: 2, maxMs: 30_000, jitter: 0.1 },
    intensity: { restarts: 5, withinMs: 60_000 },
    stableAfterMs: 60_000,
    permanentExitCodes: [],
  },
  stop: { signal: 'SIGTERM', graceMs: 5000 },
  mailbox: { capacity: 1024, overflow: 'block', onRestart: 'keep' },
};

/** A job with defaults; `overrides` replaces whole fields. */
export function job(name: string, overrides: Overrides | Partial<JobSpec> = {}): JobSpec {
  return { ...DEFAULT_SPEC, name, ...overrides } as JobSpec;
}

/** The restart field with some of it replaced. */
export function restart(overrides: Partial<JobSpec['restart']>): JobSpec['restart'] {
  return { ...DEFAULT_SPEC.restart, ...overrides };
}

export const DEFAULT_SETTINGS: Settings = {
  workers: 1,
  policy: 'round-robin',
  quantumMs: 100,
  agingMs: null,
  blocking: 'hold',
  sampleMs: 250,
};
