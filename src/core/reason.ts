/**
 * Why a decision was taken: a closed list, each with the sentence that `explain` and `events` print.
 * Adding a reason means adding its sentence; nothing prints free text instead.
 */
export const REASONS = {
  admitted: 'the jobs file asked for it',
  'operator-restart': 'a person asked for a restart',
  'operator-stop': 'a person asked to stop it',
  'operator-suspend': 'a person suspended it',
  'operator-resume': 'a person resumed it',
  'operator-set': 'a person changed a setting',
  'definition-changed': 'its definition in the jobs file changed',
  'definition-removed': 'it is no longer in the jobs file',
  shutdown: 'the supervisor is stopping',

  'slot-free': 'a slot was free',
  dispatched: 'it was given a slot',
  'waiting-for-slot': 'all slots are taken',
  'waiting-for-dependency': 'a job it depends on is not there yet',
  'dependency-failed': 'a job it depends on failed',
  'start-pacing': 'too many restarts across all jobs at this moment',
  'quantum-over': 'its quantum was over and another job was waiting',
  'higher-priority': 'a job of higher priority was waiting',
  'budget-shrunk': 'there are fewer slots than jobs computing',
  yielded: 'it gave up the rest of its quantum',

  'restart-on-failure': 'it failed and its restart policy says on-failure',
  'restart-always': 'it ended and its restart policy says always',
  'restart-never': 'its restart policy says never',
  'machine-trouble':
    'the machine could not start it (no memory, processes or descriptors); no restart was spent',
  'exited-cleanly': 'it ended with exit code 0',
  'permanent-exit-code': 'its exit code is one of permanentExitCodes',
  'intensity-exceeded': 'it restarted too often within the period',
  'memory-base-above-max': 'it passes its memory limit within two seconds of its start; raise memory.max',
  'spawn-failed': 'its process could not be started',

  'memory-max': 'it was above memory.max in two samples in a row',
  'memory-high': 'it is above memory.high',
  'grace-over': 'it did not end within its grace',
  'growth-outruns-grace': 'it grows too fast to be given its grace',
  'leader-gone': 'its first process ended but others of its group were left',
  'hand-over-timed-out': 'the suspension was not seen in time; the next job was resumed regardless',
  'foreign-stop': 'somebody else suspended it',
  'foreign-continue': 'somebody else resumed it',
  'stale-input': 'news about a run that is no longer current',
} as const;

export type Reason = keyof typeof REASONS;

/** Why a run really ended: the first intent recorded wins. */
export const EXIT_CAUSES = {
  exited: 'it ended by itself',
  signalled: 'a signal from outside ended it',
  'spawn-failed': 'it never started',
  'memory-max': 'it was above its memory limit',
  'operator-stop': 'a person stopped it',
  'operator-restart': 'a person restarted it',
  'definition-changed': 'its definition changed',
  'definition-removed': 'it was removed from the jobs file',
  shutdown: 'the supervisor stopped',
} as const;

export type ExitCause = keyof typeof EXIT_CAUSES;
