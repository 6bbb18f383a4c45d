/**
 * Every bound in one place. Hitting one is visible: an event, a counter or an error with a code. The
 * relations that other code relies on are asserted by tests/tidy.test.ts.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

export const LIMITS = {
  /** setTimeout above 2^31-1 ms fires at once: every instant is clamped to this distance. */
  timerMaxMs: 2_147_483_647,
  /** The longest duration a file may name: 24 days, below timerMaxMs. */
  durationMaxMs: 24 * 24 * 60 * 60 * 1000,

  quantumMinMs: 10,
  /** Below this the hand-over costs so much that `check` warns. */
  quantumWarnMs: 50,
  quantumMaxMs: 60 * 60 * 1000,
  workersMax: 10_000,
  jobsMax: 10_000,
  replicasMax: 1000,
  priorityMin: -1000,
  priorityMax: 1000,
  weightMax: 10_000,

  /** How long a suspension may take to be seen before the next job is resumed regardless. */
  handOverMs: 20,
  /** Restarts across all jobs: a token bucket, so that a storm of crash loops starves nobody. */
  restartBurst: 100,
  restartsPerSecond: 50,
  /** Backoff exponents stop growing here; the delay is capped long before. */
  backoffAttemptsMax: 64,
  /** Restart instants remembered per job; intensity cannot ask for more. */
  intensityRestartsMax: 1000,

  memoryLimitMinBytes: 16 * 1000 * 1000,
  /** Samples in a row above `max` that end a run. */
  memoryBreaches: 2,
  /** Passing `max` within this time of the start, twice in a row, quarantines. */
  memoryEarlyMs: 2000,
  memoryEarlyBreaches: 2,
  /** A grace in which the run would grow by more than this share of `max` is not given. */
  memoryGraceGrowthPercent: 10,
  sampleMinMs: 20,
  sampleMaxMs: 60_000,
  /** Runs without a limit are read this often, or at the configured interval if that is longer. */
  sampleIdleMs: 1000,
  /** The sampler's share of one core: a sweep that took t is followed by a rest of t × 100 ÷ this. */
  sampleCostPercent: 2,
  /** A sample that has not come back after this time is given up, so sampling can't wedge. */
  sampleTimeoutMs: 5_000,

  /** Events one input may cause, as a factor on the number of jobs plus a constant. */
  eventsPerJob: 16,
  eventsPerInput: 64,

  /** Inputs waiting in the loop. */
  inputQueueMax: 100_000,
  /** Events kept in memory for `events` and late subscribers. */
  eventRingMax: 4096,
  /** Decisions kept per job for `explain`. */
  decisionsPerJob: 24,
  /** Last inputs kept for the flight recorder. */
  recorderMax: 512,

  frameMaxBytes: 256 * KIB,
  frameMaxDepth: 64,
  /** Bad frames within the window that close a run's channel. */
  badFramesMax: 100,
  badFramesWindowMs: 10_000,
  /** Bytes that may be on their way into a child beyond the kernel's own buffer. */
  creditBytes: 16 * KIB,
  mailboxCapacityMax: 1_000_000,
  mailboxMaxBytes: 16 * MIB,
  relayMaxBytes: 128 * MIB,
  topicMaxLength: 256,
  topicsPerJob: 256,
  messageIdMaxLength: 256,
  /** An address in a frame: a job name, a replica's number and room to spare. */
  addressMaxLength: 128,
  /** What one queued message costs the daemon beside its body; counted by every byte bound of the relay. */
  messageOverheadBytes: 256,
  /** Receipts, errors and pressure a child has not taken yet; above it the child is not read. */
  controlMaxBytes: 64 * KIB,
  /** What a child was sent before its hello is remembered up to here, per run and over all runs. */
  helloWindowBytes: 256 * KIB,
  helloWindowTotalBytes: 16 * MIB,
  /** Frames that may still arrive from a run after the order to stop reading it: one chunk of a socket. */
  frameBacklogMax: 65_536,

  /** A line of output longer than this is split. */
  logLineMaxBytes: 16 * KIB,
  /** Output a job may write before its pipe is left unread until the next window. */
  outputBytesPerWindow: 2 * MIB,
  outputWindowMs: 100,
  /** How long the rest of a run is killed and looked for before it is called a survivor. */
  scopeEndMs: 2000,
  /** Time for output still in the pipes after a run ended. */
  outputDrainMs: 250,

  journalMaxBytes: 16 * MIB,
  requestMaxBytes: 8 * MIB,
  /** Clients on the control socket at once; `run` holds one for each job it shows. */
  connectionsMax: 1024,
  /** Output held for one follower that does not keep up. */
  followerMaxBytes: MIB,
  logTailLines: 20,
  /** Lines of one job's log that one answer may hold. */
  logTailMaxLines: 10_000,
  logTailMaxBytes: 4 * MIB,
  /** Bytes of log files read back for one answer, since reading keeps the daemon from anything else. */
  logTailReadBytes: 32 * MIB,
  fileMaxBytes: 4 * MIB,
  argumentMaxBytes: 128 * KIB,
  /** sun_path holds 108 bytes on Linux and 104 on macOS; Node 20 truncates silently beyond. */
  socketPathMaxBytes: 103,
} as const;
