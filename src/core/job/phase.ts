/**
 * The phases of a job (design 3.1): a tagged union, each carrying the data that exists only in it. No
 * booleans stand beside it. All instants are monotonic milliseconds since the daemon started.
 */
import type { ExitCause, Reason } from '../reason.ts';

/** One execution of a job. `incarnation` counts from 1 and never repeats for a job. */
export interface RunId {
  readonly job: string;
  readonly incarnation: number;
}

/** A process that exists, or existed until its exit was seen. */
export interface LiveRun {
  readonly pid: number;
  /** Kernel start time in clock ticks since boot; null where the platform has none. */
  readonly startTime: number | null;
  readonly spawnedAtMs: number;
}

/** How the leader of a run ended. */
export interface LeaderExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Why a run is being stopped; the first one recorded becomes the exit cause. */
export type StopIntent = Extract<
  ExitCause,
  | 'operator-stop'
  | 'operator-restart'
  | 'definition-changed'
  | 'definition-removed'
  | 'shutdown'
  | 'memory-max'
>;

/** Where the job goes when the run is over; the last one recorded wins. */
export type StopDestination = 'stopped' | 'ready' | 'policy' | 'removed';

/** What was asked for while the process did not exist yet. */
export type FollowUp =
  | { readonly kind: 'suspend' }
  | { readonly kind: 'stop'; readonly intent: StopIntent; readonly destination: StopDestination };

export type Phase =
  | {
      readonly kind: 'pending';
      readonly sinceMs: number;
      readonly reason: Reason;
      readonly waitsFor: string | null;
    }
  | { readonly kind: 'ready'; readonly sinceMs: number; readonly order: number; readonly reason: Reason }
  | {
      readonly kind: 'starting';
      readonly sinceMs: number;
      readonly slot: number;
      readonly level: number;
      readonly followUp: FollowUp | null;
    }
  | {
      readonly kind: 'running';
      readonly sinceMs: number;
      readonly run: LiveRun;
      readonly slot: number;
      /** Priority level at which the slot was won; holds for one quantum. */
      readonly level: number;
      /** Not null: the suspension was ordered and is not seen yet; the slot is still held. */
      readonly preempted: { readonly sinceMs: number; readonly reason: Reason } | null;
    }
  | {
      readonly kind: 'suspended';
      readonly sinceMs: number;
      readonly run: LiveRun;
      /** Place in the ready queue. */
      readonly order: number;
      /** `operator`: out of the ready queue until resumed by a person. */
      readonly by: 'scheduler' | 'operator';
      readonly reason: Reason;
    }
  | { readonly kind: 'blocked'; readonly sinceMs: number; readonly run: LiveRun }
  | {
      readonly kind: 'stopping';
      readonly sinceMs: number;
      readonly run: LiveRun;
      /** The slot it held when the stop began; null: it was suspended. */
      readonly slot: number | null;
      /** Null: nobody asked; the leader ended and left others behind. */
      readonly intent: StopIntent | null;
      readonly destination: StopDestination;
      readonly stage:
        | { readonly kind: 'asked'; readonly killAtMs: number }
        | { readonly kind: 'killed' }
        | { readonly kind: 'leader-gone'; readonly exit: LeaderExit };
    }
  | {
      readonly kind: 'backing-off';
      readonly sinceMs: number;
      readonly untilMs: number;
      readonly attempt: number;
      readonly reason: Reason;
    }
  | { readonly kind: 'quarantined'; readonly sinceMs: number; readonly reason: Reason }
  | { readonly kind: 'completed'; readonly sinceMs: number; readonly reason: Reason }
  | {
      readonly kind: 'failed';
      readonly sinceMs: number;
      readonly reason: Reason;
      readonly detail: string | null;
    }
  | { readonly kind: 'stopped'; readonly sinceMs: number; readonly reason: Reason };

export type PhaseKind = Phase['kind'];

export const PHASE_KINDS = [
  'pending',
  'ready',
  'starting',
  'running',
  'suspended',
  'blocked',
  'stopping',
  'backing-off',
  'quarantined',
  'completed',
  'failed',
  'stopped',
] as const satisfies readonly PhaseKind[];

/** Phases in which nothing happens until a person or a file asks for it. */
export function isAtRest(phase: Phase): boolean {
  return (
    phase.kind === 'quarantined' ||
    phase.kind === 'completed' ||
    phase.kind === 'failed' ||
    phase.kind === 'stopped'
  );
}

/** The process of a phase that has one. */
export function liveRunOf(phase: Phase): LiveRun | null {
  return 'run' in phase ? phase.run : null;
}
