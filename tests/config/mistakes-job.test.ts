/**
 * One row for each mistake in the keys of a job: the text, and all that is said about it.
 */
import { describe, expect, test } from 'vitest';
import { job, mistakesIn, type Row } from './machine.ts';

const NAME = 'a name of 1 to 64 letters, digits, "_" or "-" that starts with a letter or digit';
const DURATION = 'a duration such as "250ms", "5s" or "1m"';
const PROBES = '"http", "tcp", "exec" or "log"';
const long = 'n'.repeat(65);

const JOB: readonly Row[] = [
  [
    'a name with a blank',
    '{"jobs":{"a b":{"command":"node x"}}}',
    [`1:10 jobs["a b"]: expected ${NAME}, found "a b"`],
  ],
  [
    'a name of a replica',
    '{"jobs":{"a:0":{"command":"node x"}}}',
    [`1:10 jobs["a:0"]: expected ${NAME}, found "a:0"`],
  ],
  ['an empty name', '{"jobs":{"":{"command":"node x"}}}', [`1:10 jobs[""]: expected ${NAME}, found ""`]],
  [
    'a long name',
    `{"jobs":{"${long}":{"command":"node x"}}}`,
    [`1:10 jobs["${long.slice(0, 59)}…"]: expected ${NAME}, found "${long.slice(0, 58)}…`],
  ],
  ...(['constructor', 'prototype', '__proto__'].map((name) => [
    `the name ${name}`,
    `{"jobs":{"${name}":{"command":"node x"}}}`,
    [`1:10 jobs.${name}: expected a name with no meaning to JavaScript, found "${name}"`],
  ]) as Row[]),
  ['no command', '{"jobs":{"a":{}}}', ['1:10 jobs.a.command: expected a command, found nothing']],
  [
    'a misspelt command',
    '{"jobs":{"a":{"comand":"x"}}}',
    ['1:15 jobs.a.comand: expected a known key, found "comand"; did you mean "command"?'],
  ],
  [
    '__proto__ as a key',
    job('"__proto__":{}'),
    ['1:34 jobs.a.__proto__: expected a known key, found "__proto__"'],
  ],
  [
    'flags',
    job('"shell":1,"inheritEnv":"yes","preempt":null'),
    [
      '1:42 jobs.a.shell: expected true or false, found 1',
      '1:57 jobs.a.inheritEnv: expected true or false, found "yes"',
      '1:73 jobs.a.preempt: expected true or false, found null',
    ],
  ],
  [
    'numbers out of range',
    job('"replicas":0,"priority":1001,"weight":0,"nice":20'),
    [
      '1:45 jobs.a.replicas: expected a whole number from 1 to 1000, found 0',
      '1:58 jobs.a.priority: expected a whole number from -1000 to 1000, found 1001',
      '1:72 jobs.a.weight: expected a whole number from 1 to 10000, found 0',
      '1:81 jobs.a.nice: expected a whole number from -20 to 19, found 20',
    ],
  ],
  [
    'an environment that is no object',
    job('"env":["A=b"]'),
    ['1:34 jobs.a.env: expected an object such as { "PORT": "8080" }, found an array'],
  ],
  [
    'an environment key with =',
    job('"env":{"A=b":"c"}'),
    ['1:41 jobs.a.env["A=…"]: expected a name without "=", found "A=*"'],
  ],
  [
    'an empty environment key',
    job('"env":{"":"c"}'),
    ['1:41 jobs.a.env[""]: expected a name that is not empty, found ""'],
  ],
  [
    'an environment key with NUL',
    job('"env":{"A\\u0000":"c"}'),
    ['1:41 jobs.a.env["A\\u0000"]: expected a name without NUL, found "A\\u0000"'],
  ],
  [
    'an environment value with NUL',
    job('"env":{"A":"c\\u0000"}'),
    ['1:41 jobs.a.env.A: expected a text without NUL, found a text with NUL'],
  ],
  [
    'an environment value of another kind',
    job('"env":{"A":1,"B":null,"C":{},"D":true}'),
    [
      '1:41 jobs.a.env.A: expected a text (numbers too are written in quotes), found a number',
      '1:47 jobs.a.env.B: expected a text (numbers too are written in quotes), found null',
      '1:56 jobs.a.env.C: expected a text (numbers too are written in quotes), found an object',
      '1:63 jobs.a.env.D: expected a text (numbers too are written in quotes), found a boolean',
    ],
  ],
  [
    'an environment entry above 128 KiB',
    job(`"env":{"A":"${'x'.repeat(131_070)}"}`),
    ['1:41 jobs.a.env.A: expected at most 131072 bytes for name and value, found 131073 bytes'],
  ],
  [
    'an unknown bulkhead',
    `{"bulkheads":{"left":{}},"jobs":{"a":{"command":"node x","bulkhead":"letf"}}}`,
    ['1:69 jobs.a.bulkhead: expected the name of a bulkhead, found "letf"; did you mean "left"?'],
  ],
  [
    'another user',
    job('"user":"nobody"'),
    [
      `1:41 jobs.a.user: expected "ada", the user supervise runs as (this version can't run a job as another one), found "nobody"`,
    ],
  ],
  [
    'ready of another kind',
    job('"ready":"mesage"'),
    [
      `1:42 jobs.a.ready: expected "spawned", "message" or an object with ${PROBES}, found "mesage"; did you mean "message"?`,
    ],
  ],
  [
    'ready without a probe',
    job('"ready":{"interval":"1s"}'),
    [`1:42 jobs.a.ready: expected one of ${PROBES}, found none of them`],
  ],
  [
    'ready with two probes',
    job('"ready":{"tcp":"h:1","log":"x"}'),
    [`1:42 jobs.a.ready: expected one of ${PROBES}, found "tcp" and "log"`],
  ],
  [
    'probes',
    job('"ready":{"http":"localhost","interval":0,"timeout":"x","failures":0}'),
    [
      '1:50 jobs.a.ready.http: expected an address such as "http://127.0.0.1:8080/health", found "localhost"',
      '1:73 jobs.a.ready.interval: expected at least 1ms, found 0',
      `1:85 jobs.a.ready.timeout: expected ${DURATION}, found "x"`,
      '1:100 jobs.a.ready.failures: expected a whole number from 1 to 1000, found 0',
    ],
  ],
  [
    'health',
    job('"health":{"heartbeat":0,"tcp":"host:99999","exec":["","b\\u0000"]}'),
    [
      '1:56 jobs.a.health.heartbeat: expected at least 1ms, found 0',
      '1:64 jobs.a.health.tcp: expected a host and port such as "127.0.0.1:8080", found "host:99999"',
      '1:85 jobs.a.health.exec[0]: expected a program, found an empty text',
      '1:88 jobs.a.health.exec[1]: expected a text without NUL, found NUL as character 2',
    ],
  ],
  [
    'health without a probe',
    job('"health":{}'),
    ['1:43 jobs.a.health: expected at least one of "heartbeat", "http", "tcp" or "exec", found none of them'],
  ],
];

describe('mistakes in a job', () => {
  test.each(JOB)('%s', (_what, text, mistakes) => {
    expect(mistakesIn(text)).toEqual(mistakes);
  });
});
