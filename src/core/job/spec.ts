/**
 * What a jobs file says, after checking and with every default filled in. Plain data: durations in
 * milliseconds, sizes in bytes. Absent on purpose: environment values and arguments. They belong to the
 * daemon's `LaunchSpec`, which is never journalled, so no event can leak a secret.
 */

/** Policies that `schedule.policy` accepts in this version. */
export const POLICY_NAMES = ['round-robin', 'priority'] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];

/** `yield`: a run asleep in the kernel gives its slot up. `hold`: it keeps it for the whole quantum. */
export type Blocking = 'yield' | 'hold';

export interface ScheduleSpec {
  readonly policy: PolicyName;
  readonly quantumMs: number;
  /** A waiting job gains one level of priority for each such time; null: aging is off. */
  readonly agingMs: number | null;
  readonly blocking: Blocking;
}

export type DependencyCondition = 'started' | 'ready' | 'completed';

export interface Dependency {
  readonly job: string;
  readonly condition: DependencyCondition;
}

/** When a job counts as ready: at once when its process exists, or when it sends `{"type":"ready"}`. */
export type ReadyCondition = 'spawned' | 'message';

export interface MemoryLimits {
  /** Above this the job is told by a `pressure` message; null: never. */
  readonly highBytes: number | null;
  /** Above this, seen twice in a row, the run is ended; null: no limit. */
  readonly maxBytes: number | null;
}

export type RestartPolicyName = 'always' | 'on-failure' | 'never';

export interface BackoffSpec {
  readonly initialMs: number;
  readonly factor: number;
  readonly maxMs: number;
  /** Share of the delay by which it may differ to either side, 0 to 1. */
  readonly jitter: number;
}

export interface RestartSpec {
  readonly policy: RestartPolicyName;
  readonly backoff: BackoffSpec;
  /** At most `restarts` within `withinMs`; `restarts` null: unlimited. */
  readonly intensity: { readonly restarts: number | null; readonly withinMs: number };
  /** A run that lived this long forgives the backoff. */
  readonly stableAfterMs: number;
  /** Exit codes after which a restart is pointless. */
  readonly permanentExitCodes: readonly number[];
}

export interface StopSpec {
  readonly signal: string;
  readonly graceMs: number;
}

export type Overflow = 'block' | 'reject' | 'drop-oldest';

export interface MailboxSpec {
  /** Messages. */
  readonly capacity: number;
  readonly overflow: Overflow;
  readonly onRestart: 'keep' | 'dead-letter';
}

/** One job as the core sees it. */
export interface JobSpec {
  readonly name: string;
  /** The name in the file when `replicas` made several jobs of it, else null. */
  readonly replicaOf: string | null;
  readonly dependsOn: readonly Dependency[];
  readonly ready: ReadyCondition;
  readonly memory: MemoryLimits;
  /** Higher runs first. */
  readonly priority: number;
  readonly weight: number;
  /** False: once dispatched it is never suspended by the scheduler until it ends. */
  readonly preempt: boolean;
  readonly restart: RestartSpec;
  readonly stop: StopSpec;
  readonly mailbox: MailboxSpec;
}

/** What only the daemon may know of a job: how to start its process and where its output goes. */
export interface LaunchSpec {
  readonly argv: readonly [string, ...string[]];
  /** True: argv is one string given to `/bin/sh -c`. */
  readonly shell: boolean;
  /** Absolute. */
  readonly cwd: string;
  /** Sorted by key. Values are secrets: never shown, logged or stored. */
  readonly env: readonly (readonly [string, string])[];
  readonly inheritEnv: boolean;
  readonly log: { readonly maxBytes: number; readonly files: number };
}

/** A whole jobs file, checked. */
export interface SupervisorSpec {
  readonly name: string;
  /** Absolute path of the jobs file. */
  readonly file: string;
  readonly workers: number;
  readonly schedule: ScheduleSpec;
  readonly sampleMs: number;
  /** In the order of the file, replicas in the order of their numbers. */
  readonly jobs: readonly { readonly spec: JobSpec; readonly launch: LaunchSpec }[];
}
