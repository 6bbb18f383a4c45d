/**
 * Facts, as data: `noun.past-participle`, stamped with the monotonic instant at which they were decided. The
 * state changes only by folding these; views, journal and clients see the same ones.
 */
import type { SettingsChange, SpawnFault } from './input.ts';
import type { FollowUp, LeaderExit, StopDestination, StopIntent } from './job/phase.ts';
import type { JobSpec, PolicyName, ScheduleSpec } from './job/spec.ts';
import type { ExitCause, Reason } from './reason.ts';

interface OfRun {
  readonly job: string;
  readonly incarnation: number;
}

export type EventBody =
  | {
      readonly type: 'supervisor.started';
      readonly name: string;
      readonly workers: number;
      readonly policy: PolicyName;
      readonly quantumMs: number;
      readonly agingMs: number | null;
      readonly blocking: ScheduleSpec['blocking'];
      readonly sampleMs: number;
      readonly seed: number;
    }
  | { readonly type: 'supervisor.configured'; readonly settings: SettingsChange; readonly reason: Reason }
  | { readonly type: 'supervisor.stop-requested' }
  | { readonly type: 'supervisor.stopped' }
  | { readonly type: 'job.admitted'; readonly job: string; readonly spec: JobSpec }
  | { readonly type: 'job.changed'; readonly job: string; readonly spec: JobSpec; readonly relaunch: boolean }
  | { readonly type: 'job.removed'; readonly job: string }
  | {
      readonly type: 'job.tuned';
      readonly job: string;
      readonly priority: number;
      readonly weight: number;
      readonly reason: Reason;
    }
  /** A person asked for a restart: counts and backoff start anew. */
  | { readonly type: 'job.forgiven'; readonly job: string; readonly reason: Reason }
  | {
      readonly type: 'job.pended';
      readonly job: string;
      readonly reason: Reason;
      readonly waitsFor: string | null;
    }
  | { readonly type: 'job.readied'; readonly job: string; readonly reason: Reason }
  | {
      readonly type: 'job.backed-off';
      readonly job: string;
      readonly reason: Reason;
      readonly attempt: number;
      readonly delayMs: number;
      readonly untilMs: number;
      /** State of the generator after the jitter was drawn. */
      readonly random: number;
    }
  | { readonly type: 'job.quarantined'; readonly job: string; readonly reason: Reason }
  | { readonly type: 'job.completed'; readonly job: string; readonly reason: Reason }
  | {
      readonly type: 'job.failed';
      readonly job: string;
      readonly reason: Reason;
      readonly detail: string | null;
    }
  | { readonly type: 'job.stopped'; readonly job: string; readonly reason: Reason }
  | (OfRun & {
      readonly type: 'run.dispatched';
      readonly slot: number;
      readonly level: number;
      readonly reason: Reason;
      readonly waitedMs: number;
      /** An automatic restart spends intensity and one token of the pacing; what is left of it, else null. */
      readonly milliTokens: number | null;
    })
  | (OfRun & { readonly type: 'run.spawned'; readonly pid: number; readonly startTime: number | null })
  | (OfRun & {
      readonly type: 'run.spawn-failed';
      readonly code: string;
      readonly message: string;
      readonly fault: SpawnFault;
    })
  | (OfRun & { readonly type: 'run.postponed'; readonly followUp: FollowUp | null })
  | (OfRun & { readonly type: 'run.preempted'; readonly slot: number; readonly reason: Reason })
  | (OfRun & {
      readonly type: 'run.suspended';
      readonly slot: number | null;
      readonly by: 'scheduler' | 'operator';
      readonly reason: Reason;
      /** False: not seen within the hand-over limit. */
      readonly seen: boolean;
    })
  /** A person gave a run that a person had suspended back to the ready queue. */
  | (OfRun & { readonly type: 'run.released'; readonly reason: Reason })
  | (OfRun & {
      readonly type: 'run.resumed';
      readonly slot: number;
      readonly level: number;
      readonly reason: Reason;
      readonly waitedMs: number;
    })
  | (OfRun & {
      readonly type: 'run.stop-requested';
      readonly intent: StopIntent;
      readonly destination: StopDestination;
      readonly signal: string;
      readonly killAtMs: number;
    })
  | (OfRun & {
      readonly type: 'run.redirected';
      readonly destination: StopDestination;
      readonly intent: StopIntent;
    })
  | (OfRun & {
      readonly type: 'run.kill-requested';
      readonly intent: StopIntent | null;
      readonly destination: StopDestination;
      readonly reason: Reason;
    })
  | (OfRun & { readonly type: 'run.leader-exited'; readonly exit: LeaderExit })
  | (OfRun & {
      readonly type: 'run.ended';
      readonly cause: ExitCause;
      readonly code: number | null;
      readonly signal: string | null;
      /** Processes that the leader left behind and that were ended. */
      readonly leftovers: readonly number[];
      readonly livedMs: number;
    })
  | (OfRun & { readonly type: 'run.signalled'; readonly signal: string; readonly reason: Reason })
  | (OfRun & { readonly type: 'run.repaired'; readonly reason: Reason })
  | (OfRun & {
      readonly type: 'run.sampled';
      readonly rssBytes: number;
      readonly cpuMs: number;
      readonly cpuPercent: number | null;
      readonly processes: number;
      /** Growth, smoothed; null until two readings exist. */
      readonly slopeBytesPerSecond: number | null;
      readonly breaches: number;
      readonly readAtMs: number;
    })
  | (OfRun & { readonly type: 'memory.announced'; readonly rssBytes: number; readonly highBytes: number })
  | (OfRun & { readonly type: 'memory.eased'; readonly rssBytes: number })
  | (OfRun & {
      readonly type: 'memory.exceeded';
      readonly limitBytes: number;
      readonly rssBytes: number;
      readonly ageMs: number;
      readonly slopeBytesPerSecond: number | null;
      readonly overshootBytes: number;
      /** Passed its limit within two seconds of its start. */
      readonly early: boolean;
    })
  /** What had escaped from the group of a run that is over was found by its mark and ended. */
  | (OfRun & { readonly type: 'strays.ended'; readonly pids: readonly number[] })
  | (OfRun & { readonly type: 'ready.reported' })
  | (OfRun & { readonly type: 'heartbeat.reported' })
  | (OfRun & { readonly type: 'progress.reported'; readonly value: number; readonly total: number | null })
  | (OfRun & { readonly type: 'channel.closed'; readonly detail: string })
  | {
      readonly type: 'message.dead-lettered';
      readonly from: string;
      readonly to: string;
      readonly detail: string;
      readonly bytes: number;
    }
  | { readonly type: 'sweep.requested'; readonly runs: number }
  | { readonly type: 'sweep.scheduled'; readonly atMs: number }
  | { readonly type: 'sweep.finished'; readonly costMs: number; readonly failure: string | null }
  | {
      readonly type: 'input.dropped';
      readonly input: string;
      readonly job: string;
      readonly incarnation: number;
      readonly reason: Reason;
    };

export type Event = EventBody & { readonly at: number };

export type EventType = Event['type'];

/** Streamed and folded but not journalled: frequent, and meaningless after a restart of the daemon. */
const VOLATILE: ReadonlySet<EventType> = new Set<EventType>([
  'run.sampled',
  'heartbeat.reported',
  'progress.reported',
  'sweep.scheduled',
  'sweep.requested',
  'sweep.finished',
]);

/** Whether an event belongs on disk. */
export function isDurable(event: Event): boolean {
  return !VOLATILE.has(event.type);
}

/** The job an event is about, null for those about the whole. */
export function jobOf(event: Event): string | null {
  return 'job' in event ? event.job : null;
}
