/**
 * One row for each mistake at the top of a file, and several at once: the text, and all that is said about it.
 */
import { describe, expect, test } from 'vitest';
import { job, mistakesIn, type Row } from './machine.ts';

const NAME = 'a name of 1 to 64 letters, digits, "_" or "-" that starts with a letter or digit';
const DURATION = 'a duration such as "250ms", "5s" or "1m"';

const FILE: readonly Row[] = [
  [
    'no object',
    '[]',
    [
      '1:1 : expected an object such as { "jobs": { "app": { "command": "node app.js" } } }, found an empty array',
    ],
  ],
  ['no jobs', '{}', ['1:1 jobs: expected an object with jobs by name, found nothing']],
  ['empty jobs', '{"jobs":{}}', ['1:9 jobs: expected at least one job, found an empty object']],
  [
    'jobs of another kind',
    '{"jobs":[1]}',
    ['1:9 jobs: expected an object with jobs by name, found an array'],
  ],
  [
    'a job of another kind',
    '{"jobs":{"a":"node x"}}',
    ['1:14 jobs.a: expected an object such as { "command": "node app.js" }, found "node x"'],
  ],
  [
    'a misspelt key',
    '{"worker":2,"jobs":{"a":{"command":"node x"}}}',
    ['1:2 worker: expected a known key, found "worker"; did you mean "workers"?'],
  ],
  [
    'an unknown key',
    '{"x":2,"jobs":{"a":{"command":"node x"}}}',
    [
      '1:2 x: expected one of the keys "$schema", "name", "workers", "schedule", "memory", "defaults", "bulkheads" or "jobs", found "x"',
    ],
  ],
  [
    'a misspelt jobs',
    '{"job":{"a":{}}}',
    ['1:2 job: expected a known key, found "job"; did you mean "jobs"?'],
  ],
  [
    'a bad name',
    '{"name":"my shop","jobs":{"a":{"command":"node x"}}}',
    [`1:9 name: expected ${NAME}, found "my shop"`],
  ],
  [
    'no workers',
    '{"workers":0,"jobs":{"a":{"command":"node x"}}}',
    ['1:12 workers: expected a whole number from 1 to 10000, found 0'],
  ],
  [
    'half a worker',
    '{"workers":1.5,"jobs":{"a":{"command":"node x"}}}',
    ['1:12 workers: expected a whole number from 1 to 10000, found 1.5'],
  ],
  [
    'negative workers',
    '{"workers":-1,"jobs":{"a":{"command":"node x"}}}',
    ['1:12 workers: expected a whole number from 1 to 10000, found -1'],
  ],
  [
    'too many jobs',
    '{"defaults":{"replicas":1000},"jobs":{' +
      Array.from({ length: 11 }, (_, index) => `"j${index}":{"command":"node x"}`).join(',') +
      '}}',
    ['1:31 jobs: expected at most 10000 jobs, replicas included, found 11000'],
  ],
  [
    'duplicate keys anywhere',
    '{\n"jobs":{"a":{"command":"node x"}},\n"jobs":{"b":{"command":"node x","env":{"A":"1",\n"A":"2"}}}}',
    [
      '3:1 jobs: expected each key once, found "jobs" again (first on line 2)',
      '4:1 jobs.b.env.A: expected each key once, found "A" again (first on line 3)',
    ],
  ],
  [
    'defaults of another kind',
    '{"defaults":1,"jobs":{"a":{"command":"node x"}}}',
    ['1:13 defaults: expected an object with keys of a job, found 1'],
  ],
  [
    'a command in defaults',
    '{"defaults":{"command":"x"},"jobs":{"a":{"command":"node x"}}}',
    ['1:14 defaults.command: expected each job to name its own, found "command"'],
  ],
  [
    'an unknown key in defaults',
    '{"defaults":{"restrat":"never"},"jobs":{"a":{"command":"node x"}}}',
    ['1:14 defaults.restrat: expected a known key, found "restrat"; did you mean "restart"?'],
  ],
];

const SCHEDULE: readonly Row[] = [
  ...(['fifo', 'fair', 'mlfq', 'lottery', 'shortest'].map((policy) => [
    `the policy ${policy}`,
    `{"schedule":{"policy":"${policy}"},"jobs":{"a":{"command":"node x"}}}`,
    [
      `1:23 schedule.policy: expected "round-robin" or "priority" ("${policy}" is known, but not available in this version), found "${policy}"`,
    ],
  ]) as Row[]),
  [
    'a misspelt policy',
    '{"schedule":{"policy":"roundrobin"},"jobs":{"a":{"command":"node x"}}}',
    [
      '1:23 schedule.policy: expected "round-robin" or "priority", found "roundrobin"; did you mean "round-robin"?',
    ],
  ],
  [
    'a quantum below 10 ms',
    '{"schedule":{"quantum":"9ms"},"jobs":{"a":{"command":"node x"}}}',
    ['1:24 schedule.quantum: expected at least 10ms, found "9ms"'],
  ],
  [
    'a plain quantum below 10 ms',
    '{"schedule":{"quantum":9},"jobs":{"a":{"command":"node x"}}}',
    ['1:24 schedule.quantum: expected at least 10ms, found 9'],
  ],
  [
    'a quantum above an hour',
    '{"schedule":{"quantum":"2h"},"jobs":{"a":{"command":"node x"}}}',
    ['1:24 schedule.quantum: expected at most 1h, found "2h"'],
  ],
  [
    'aging of zero',
    '{"schedule":{"aging":0},"jobs":{"a":{"command":"node x"}}}',
    ['1:22 schedule.aging: expected at least 1ms, found 0'],
  ],
  [
    'aging neither off nor a duration',
    '{"schedule":{"aging":"of"},"jobs":{"a":{"command":"node x"}}}',
    [`1:22 schedule.aging: expected ${DURATION}, or "off", found "of"`],
  ],
  [
    'blocking',
    '{"schedule":{"blocking":true},"jobs":{"a":{"command":"node x"}}}',
    ['1:25 schedule.blocking: expected "yield" or "hold", found true'],
  ],
  [
    'a schedule of another kind',
    '{"schedule":"fair","jobs":{"a":{"command":"node x"}}}',
    ['1:13 schedule: expected an object with "policy", "quantum", "aging" or "blocking", found "fair"'],
  ],
  [
    'a budget of zero',
    '{"memory":{"budget":0},"jobs":{"a":{"command":"node x"}}}',
    ['1:21 memory.budget: expected at least 16MB, found 0'],
  ],
  [
    'a negative budget',
    '{"memory":{"budget":-1},"jobs":{"a":{"command":"node x"}}}',
    ['1:21 memory.budget: expected at least 16MB, found -1'],
  ],
  [
    'a sample below 20 ms',
    '{"memory":{"sample":"19ms"},"jobs":{"a":{"command":"node x"}}}',
    ['1:21 memory.sample: expected at least 20ms, found "19ms"'],
  ],
  [
    'a sample above a minute',
    '{"memory":{"sample":"61s"},"jobs":{"a":{"command":"node x"}}}',
    ['1:21 memory.sample: expected at most 1m, found "61s"'],
  ],
  [
    'bulkheads',
    '{"bulkheads":{"a b":{"workers":0,"memory":"1MB","strategy":"one-for-al","x":1}},"jobs":{"a":{"command":"node x"}}}',
    [
      `1:15 bulkheads["a b"]: expected ${NAME}, found "a b"`,
      '1:32 bulkheads["a b"].workers: expected a whole number from 1 to 10000, found 0',
      '1:43 bulkheads["a b"].memory: expected at least 16MB, found "1MB"',
      '1:60 bulkheads["a b"].strategy: expected "one-for-one", "one-for-all" or "rest-for-one", found "one-for-al"; did you mean "one-for-all"?',
      '1:73 bulkheads["a b"].x: expected one of the keys "workers", "memory" or "strategy", found "x"',
    ],
  ],
];

describe.each([
  ['the file', FILE],
  ['schedule, memory and bulkheads', SCHEDULE],
] as const)('mistakes in %s', (_, rows) => {
  test.each(rows)('%s', (_what, text, mistakes) => {
    expect(mistakesIn(text)).toEqual(mistakes);
  });
});

test('every mistake of a file at once, whatever its kind, in the order of the file', () => {
  const text = `{
  "workers": 0,
  "jobs": {
    "api": { "command": "nope", "dependsOn": { "bd": "ready", "db": "ready" }, "restart": "x", "wieght": 1 }
    "db": { "command": ["node"], "memory": { "high": "2GB", "max": "1GB" }, "dependsOn": { "api": "started" } },
    "db": { "command": "node 'x" },
  },
}`;
  expect(mistakesIn(text)).toEqual([
    '2:14 workers: expected a whole number from 1 to 10000, found 0',
    '4:25 jobs.api.command: expected a program, found no "nope" in PATH',
    '4:48 jobs.api.dependsOn.bd: expected the name of a job, found "bd"; did you mean "db"?',
    '4:91 jobs.api.restart: expected "always", "on-failure", "never" or an object, found "x"',
    '4:96 jobs.api.wieght: expected a known key, found "wieght"; did you mean "weight"?',
    '5:5 : expected a comma, found "db"',
    '5:54 jobs.db.memory.high: expected at most 1GB, as memory.max says, found "2GB"',
    '6:5 jobs.db: expected each key once, found "db" again (first on line 5)',
    '6:24 jobs.db.command: expected balanced single quotes, found one that is never closed',
  ]);
});

test('a name given beside the file has to be valid', () => {
  expect(mistakesIn(job('"priority":1'), { nameOverride: 'a b' })).toEqual([
    `1:1 name: expected ${NAME}, found "a b", given beside the file`,
  ]);
});

test('beyond ten thousand mistakes the rest is counted', () => {
  const keys = Array.from({ length: 10_005 }, (_, index) => `"${index}":1`).join(',');
  const mistakes = mistakesIn(`{"jobs":{"a":{"command":"node x"}},${keys}}`);
  expect(mistakes).toHaveLength(10_001);
  expect(mistakes.at(-1)).toMatch(/^1:\d+ : 5 more mistakes are not listed$/);
});
