/**
 * What a file without mistakes becomes: defaults, inheritance, replicas, warnings.
 */
import { describe, expect, test } from 'vitest';
import { DEFAULT_LAUNCH, first, job, resolved, warningsIn } from './machine.ts';

const IGNORED = 'is accepted, but this version does not act on it yet';

/** The sample of design.md 2.2, but for the user. */
const SAMPLE = `{
  "name": "shop",                       // default: the folder's name
  "workers": 2,                         // default: cores - 1, at least 1
  "schedule": { "policy": "round-robin", "quantum": "100ms", "aging": "2s", "blocking": "yield" },
  "memory": { "budget": "2GB", "sample": "250ms" },
  "defaults": { "restart": "on-failure" },            // any job field
  "bulkheads": { "tenant-a": { "workers": 1, "memory": "512MB", "strategy": "one-for-one" } },
  "jobs": {
    "db":  { "command": ["node", "db.js"], "ready": "message", "priority": 10 },
    "api": { "command": "node api.js --port 8080",     // a string is split into words
             "shell": false,                           // … unless asked
             "cwd": ".", "env": { "PORT": "8080" }, "inheritEnv": true, "replicas": 1,
             "dependsOn": { "db": "ready" },           // started | ready | completed
             "ready": { "http": "http://127.0.0.1:8080/health", "interval": "1s", "timeout": "1s", "failures": 3 },
             "health": { "heartbeat": "5s" },          // also http, tcp, exec
             "memory": { "high": "150MB", "max": "200MB" },   // or just "200MB"
             "weight": 100, "bulkhead": "tenant-a", "preempt": true,
             "restart": { "policy": "on-failure", "backoff": { "initial": "500ms", "factor": 2, "max": "30s", "jitter": 0.1 },
                          "intensity": { "restarts": 5, "within": "60s" }, "stableAfter": "60s", "permanentExitCodes": [125] },
             "stop": { "signal": "SIGTERM", "grace": "5s" },
             "mailbox": { "capacity": 1024, "overflow": "block", "onRestart": "keep" },  // block | reject | drop-oldest
             "log": { "maxSize": "10MB", "files": 5 },
             "limits": { "data": "1GB", "openFiles": 1024, "cpuTime": "1h" },      // kernel backstops
             "nice": 0, "user": "ada" },
  },
}`;

const DEFAULT_SPEC = {
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
    permanentExitCodes: [125],
  },
  stop: { signal: 'SIGTERM', graceMs: 5000 },
  mailbox: { capacity: 1024, overflow: 'block', onRestart: 'keep' },
};

describe('defaults', () => {
  test('the smallest file gets all of them', () => {
    expect(resolved('{"jobs":{"a":{"command":"node x"}}}')).toEqual({
      name: 'work',
      file: '/work/jobs.json',
      workers: 3,
      schedule: { policy: 'round-robin', quantumMs: 100, agingMs: 2000, blocking: 'yield' },
      sampleMs: 250,
      jobs: [{ spec: DEFAULT_SPEC, launch: DEFAULT_LAUNCH }],
    });
  });

  test.each([
    [1, 1],
    [2, 1],
    [8, 7],
    [0, 1],
  ])('with %i cores there are %i workers', (cores, workers) => {
    expect(resolved('{"jobs":{"a":{"command":"node x"}}}', { cores }).workers).toBe(workers);
  });

  test('a name given beside the file outranks the one in it', () => {
    expect(resolved('{"name":"b","jobs":{"a":{"command":"node x"}}}').name).toBe('b');
    expect(resolved('{"name":"b","jobs":{"a":{"command":"node x"}}}', { nameOverride: 'c' }).name).toBe('c');
  });
});

describe('the sample of the design', () => {
  test('is accepted', () => {
    const config = resolved(SAMPLE);
    expect(config).toMatchObject({ name: 'shop', workers: 2 });
    expect(config.jobs.map((one) => one.spec.name)).toEqual(['db', 'api']);
    expect(config.jobs[1]?.spec).toEqual({
      ...DEFAULT_SPEC,
      name: 'api',
      dependsOn: [{ job: 'db', condition: 'ready' }],
      memory: { highBytes: 150_000_000, maxBytes: 200_000_000 },
    });
    expect(config.jobs[1]?.launch).toEqual({
      ...DEFAULT_LAUNCH,
      argv: ['node', 'api.js', '--port', '8080'],
      env: [['PORT', '8080']],
    });
  });

  test('is warned about where this version does not act on it', () => {
    expect(warningsIn(SAMPLE)).toEqual([
      `4:77 schedule.blocking: ${IGNORED}`,
      `5:15 memory.budget: ${IGNORED}`,
      `7:3 bulkheads: ${IGNORED}`,
      `14:14 jobs.api.ready: ${IGNORED}`,
      `15:14 jobs.api.health: ${IGNORED}`,
      `17:14 jobs.api.weight: ${IGNORED}`,
      `17:29 jobs.api.bulkhead: ${IGNORED}`,
      `23:14 jobs.api.limits: ${IGNORED}`,
      `24:14 jobs.api.nice: ${IGNORED}`,
    ]);
  });
});

describe('warnings', () => {
  test.each([
    [
      'a quantum below 50 ms',
      '{"schedule":{"quantum":"49ms"},"jobs":{"a":{"command":"node x"}}}',
      ['1:24 schedule.quantum: below 50ms much of the CPU goes into handing slots over'],
    ],
    ['a quantum of 50 ms', '{"schedule":{"quantum":"50ms"},"jobs":{"a":{"command":"node x"}}}', []],
    [
      'blocking that this version does',
      '{"schedule":{"blocking":"hold"},"jobs":{"a":{"command":"node x"}}}',
      [],
    ],
    [
      'in defaults, once',
      '{"defaults":{"nice":1},"jobs":{"a":{"command":"node x"},"b":{"command":"node x"}}}',
      [`1:14 defaults.nice: ${IGNORED}`],
    ],
    [
      'a shell operator without a shell',
      '{"jobs":{"a":{"command":"node x && node y"}}}',
      ['1:25 jobs.a.command: "&&" is given to the program as an argument; a shell needs "shell": true'],
    ],
    ['a quoted shell operator', `{"jobs":{"a":{"command":"node '&&' \\\\;"}}}`, []],
    ['a ready message', job('"ready":"message"'), []],
    [
      'also beside mistakes',
      '{"jobs":{"a":{"command":"nope","weight":5}}}',
      [`1:32 jobs.a.weight: ${IGNORED}`],
    ],
  ])('%s', (_, text, warnings) => {
    expect(warningsIn(text)).toEqual(warnings);
  });
});

describe('values', () => {
  test.each([
    ['plain milliseconds', '"stop":{"grace":1500}', { stop: { signal: 'SIGTERM', graceMs: 1500 } }],
    ['a fraction', '"stop":{"grace":"1.5s"}', { stop: { signal: 'SIGTERM', graceMs: 1500 } }],
    ['24 days', '"stop":{"grace":"24d"}', { stop: { signal: 'SIGTERM', graceMs: 2_073_600_000 } }],
    ['another signal', '"stop":{"signal":"SIGINT"}', { stop: { signal: 'SIGINT', graceMs: 5000 } }],
    ['just a maximum', '"memory":"200MiB"', { memory: { highBytes: null, maxBytes: 209_715_200 } }],
    ['plain bytes', '"memory":16000000', { memory: { highBytes: null, maxBytes: 16_000_000 } }],
    [
      'high as high as max',
      '"memory":{"high":"1GB","max":"1GB"}',
      { memory: { highBytes: 1e9, maxBytes: 1e9 } },
    ],
    ['just a policy', '"restart":"never"', { restart: { ...DEFAULT_SPEC.restart, policy: 'never' } }],
    [
      'unlimited restarts',
      '"restart":{"intensity":{"restarts":"unlimited"}}',
      {
        restart: { ...DEFAULT_SPEC.restart, intensity: { restarts: null, withinMs: 60_000 } },
      },
    ],
    [
      'no restarts and no delay',
      '"restart":{"intensity":{"restarts":0},"backoff":{"initial":0}}',
      {
        restart: {
          ...DEFAULT_SPEC.restart,
          intensity: { restarts: 0, withinMs: 60_000 },
          backoff: { ...DEFAULT_SPEC.restart.backoff, initialMs: 0 },
        },
      },
    ],
    ['a ready message', '"ready":"message"', { ready: 'message' }],
    ['a probe that this version ignores', '"ready":{"tcp":"[::1]:80"}', { ready: 'spawned' }],
    ['minus zero', '"priority":-0', { priority: 0 }],
  ])('%s', (_, keys, spec) => {
    expect(first(job(keys)).spec).toEqual({ ...DEFAULT_SPEC, ...spec });
  });

  test('aging that is off', () => {
    expect(
      resolved('{"schedule":{"aging":"off"},"jobs":{"a":{"command":"node x"}}}').schedule.agingMs,
    ).toBeNull();
  });

  test('comments, trailing commas, a byte order mark and $schema', () => {
    expect(
      first('\uFEFF// x\n{"$schema":"./s.json",/**/"jobs":{"a":{"command":["node","x",],},},}').launch,
    ).toEqual(DEFAULT_LAUNCH);
  });

  test('jobs in the order of the file, also when their names look like numbers', () => {
    const config = resolved(
      '{"jobs":{"b":{"command":"node x"},"10":{"command":"node x"},"2":{"command":"node x"}}}',
    );
    expect(config.jobs.map((one) => one.spec.name)).toEqual(['b', '10', '2']);
  });
});

describe('inheritance from defaults', () => {
  const text = `{
    "defaults": {
      "env": { "A": "1", "B": "1" }, "cwd": "sub", "priority": 5, "memory": { "high": "50MB", "max": "60MB" },
      "restart": { "policy": "always", "backoff": { "initial": "1s", "factor": 3 }, "stableAfter": "1s" }, "log": { "files": 2 }
    },
    "jobs": {
      "a": { "command": "node x", "env": { "B": "2", "C": "2" }, "memory": "100MB", "restart": { "backoff": { "max": "9s" } } },
      "b": { "command": "node x", "cwd": ".", "priority": 0, "restart": "never", "log": { "maxSize": "1kB" } }
    }
  }`;
  const [a, b] = resolved(text).jobs;

  test('objects are merged one level deep, env by key', () => {
    expect(a?.launch).toMatchObject({
      cwd: '/work/sub',
      env: [
        ['A', '1'],
        ['B', '2'],
        ['C', '2'],
      ],
    });
    expect(a?.spec).toMatchObject({ priority: 5, memory: { highBytes: 50_000_000, maxBytes: 100_000_000 } });
    expect(a?.spec.restart).toEqual({
      policy: 'always',
      backoff: { initialMs: 500, factor: 2, maxMs: 9000, jitter: 0.1 },
      intensity: { restarts: 5, withinMs: 60_000 },
      stableAfterMs: 1000,
      permanentExitCodes: [125],
    });
  });

  test('what the job says wins', () => {
    expect(b?.launch).toMatchObject({ cwd: '/work', log: { maxBytes: 1000, files: 2 } });
    expect(b?.spec).toMatchObject({
      priority: 0,
      restart: { policy: 'never', backoff: { initialMs: 1000 } },
    });
  });
});

describe('replicas', () => {
  const config = resolved(`{ "jobs": {
    "db": { "command": "node x", "replicas": 2, "dependsOn": { "log": "started" } },
    "log": { "command": "node x", "replicas": 1 },
    "api": { "command": "node x", "dependsOn": { "db": "ready" } } } }`);

  test('become jobs of their own', () => {
    expect(config.jobs.map((one) => [one.spec.name, one.spec.replicaOf])).toEqual([
      ['db:0', 'db'],
      ['db:1', 'db'],
      ['log', null],
      ['api', null],
    ]);
  });

  test('are all depended on', () => {
    expect(config.jobs.map((one) => one.spec.dependsOn)).toEqual([
      [{ job: 'log', condition: 'started' }],
      [{ job: 'log', condition: 'started' }],
      [],
      [
        { job: 'db:0', condition: 'ready' },
        { job: 'db:1', condition: 'ready' },
      ],
    ]);
  });
});
