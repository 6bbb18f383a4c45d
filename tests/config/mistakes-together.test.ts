/**
 * One row for each mistake that only several keys or jobs make together: the text, and all that is said about it.
 */
import { describe, expect, test } from 'vitest';
import { job, mistakesIn, type Row } from './machine.ts';

const DEPENDENCIES: readonly Row[] = [
  [
    'dependsOn of another kind',
    job('"dependsOn":["b"]'),
    ['1:46 jobs.a.dependsOn: expected an object such as { "db": "ready" }, found an array'],
  ],
  [
    'an unknown condition',
    '{"jobs":{"a":{"command":"node x","dependsOn":{"b":"redy"}},"b":{"command":"node x"}}}',
    [
      '1:51 jobs.a.dependsOn.b: expected "started", "ready" or "completed", found "redy"; did you mean "ready"?',
    ],
  ],
  [
    'an unknown target',
    '{"jobs":{"api":{"command":"node x","dependsOn":{"bd":"ready"}},"db":{"command":"node x"}}}',
    ['1:49 jobs.api.dependsOn.bd: expected the name of a job, found "bd"; did you mean "db"?'],
  ],
  [
    'a target like nothing',
    '{"jobs":{"api":{"command":"node x","dependsOn":{"something":"ready"}}}}',
    ['1:49 jobs.api.dependsOn.something: expected the name of a job, found "something"'],
  ],
  [
    'a job on itself',
    job('"dependsOn":{"a":"ready"}'),
    ['1:47 jobs.a.dependsOn.a: expected no cycle, found a -> a'],
  ],
  [
    'a cycle, once, from its first job',
    `{"jobs":{
"x":{"command":"node x","dependsOn":{"b":"ready"}},
"a":{"command":"node x","dependsOn":{"b":"ready"}},
"b":{"command":"node x","dependsOn":{"c":"ready"}},
"c":{"command":"node x","dependsOn":{"a":"ready"}}}}`,
    ['3:38 jobs.a.dependsOn.b: expected no cycle, found a -> b -> c -> a'],
  ],
  [
    'two cycles with one job in common',
    `{"jobs":{
"a":{"command":"node x","dependsOn":{"b":"ready","c":"ready"}},
"b":{"command":"node x","dependsOn":{"a":"ready"}},
"c":{"command":"node x","dependsOn":{"a":"ready"}}}}`,
    [
      '2:38 jobs.a.dependsOn.b: expected no cycle, found a -> b -> a',
      '2:50 jobs.a.dependsOn.c: expected no cycle, found a -> c -> a',
    ],
  ],
  [
    'a long cycle',
    `{"jobs":{${Array.from({ length: 20 }, (_, index) => `"j${index}":{"command":"node x","dependsOn":{"j${(index + 1) % 20}":"ready"}}`).join(',')}}}`,
    [
      '1:48 jobs.j0.dependsOn.j1: expected no cycle, found j0 -> j1 -> j2 -> j3 -> j4 -> j5 -> j6 -> j7 -> j8 -> j9 -> j10 -> j11 -> … (8 more) -> j0',
    ],
  ],
];

const INHERITED: readonly Row[] = [
  [
    'high in the job above max in defaults',
    '{"defaults":{"memory":"100MB"},"jobs":{"a":{"command":"node x","memory":{"high":"200MB"}}}}',
    ['1:81 jobs.a.memory.high: expected at most 100MB, as memory.max says, found "200MB"'],
  ],
  [
    'max in the job below high in defaults',
    '{"defaults":{"memory":{"high":"200MB"}},"jobs":{"a":{"command":"node x","memory":"100MB"}}}',
    ['1:82 jobs.a.memory: expected at least 200MB, as memory.high says, found "100MB"'],
  ],
  [
    'a mistake in defaults, once',
    '{"defaults":{"memory":{"high":"200MB","max":"100MB"},"user":"root"},"jobs":{"a":{"command":"node x"},"b":{"command":"node x"}}}',
    [
      '1:31 defaults.memory.high: expected at most 100MB, as memory.max says, found "200MB"',
      `1:61 defaults.user: expected "ada", the user supervise runs as (this version can't run a job as another one), found "root"`,
    ],
  ],
  [
    'an array for the shell of defaults',
    '{"defaults":{"shell":true},"jobs":{"a":{"command":["node"]}}}',
    ['1:51 jobs.a.command: expected a text for the shell (because of "shell": true), found an array'],
  ],
];

describe.each([
  ['dependencies', DEPENDENCIES],
  ['what is inherited', INHERITED],
] as const)('mistakes in %s', (_, rows) => {
  test.each(rows)('%s', (_what, text, mistakes) => {
    expect(mistakesIn(text)).toEqual(mistakes);
  });
});
