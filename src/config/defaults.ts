/**
 * What a jobs file means where it says nothing, in the notation of the file. Shapes show these values to editors,
 * resolving uses them; so both always agree.
 */
export const DEFAULTS = {
  policy: 'round-robin',
  quantum: '100ms',
  aging: '2s',
  blocking: 'yield',
  sample: '250ms',
  shell: false,
  cwd: '.',
  inheritEnv: true,
  replicas: 1,
  ready: 'spawned',
  priority: 0,
  weight: 100,
  preempt: true,
  restartPolicy: 'on-failure',
  backoff: { initial: '500ms', factor: 2, max: '30s', jitter: 0.1 },
  intensity: { restarts: 5, within: '60s' },
  stableAfter: '60s',
  permanentExitCodes: [125],
  stop: { signal: 'SIGTERM', grace: '5s' },
  mailbox: { capacity: 1024, overflow: 'block', onRestart: 'keep' },
  log: { maxSize: '10MB', files: 5 },
} as const;
