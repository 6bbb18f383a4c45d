/**
 * One row for each mistake in limits, durations and other values of a job: the text, and all that is said about it.
 */
import { describe, expect, test } from 'vitest';
import { job, mistakesIn, type Row } from './machine.ts';

const DURATION = 'a duration such as "250ms", "5s" or "1m"';

const VALUES: readonly Row[] = [
  [
    'memory below 16 MB',
    job('"memory":"15999999B"'),
    ['1:43 jobs.a.memory: expected at least 16MB, found "15999999B"'],
  ],
  [
    'memory without unit',
    job('"memory":"200"'),
    ['1:43 jobs.a.memory: expected a size such as "200MB" or "200MiB", found "200"'],
  ],
  [
    'memory of another kind',
    job('"memory":true'),
    ['1:43 jobs.a.memory: expected a size such as "200MB", or an object with "high" or "max", found true'],
  ],
  [
    'high above max',
    job('"memory":{"high":"200MB","max":"100MB"}'),
    ['1:51 jobs.a.memory.high: expected at most 100MB, as memory.max says, found "200MB"'],
  ],
  [
    'both memory limits',
    job('"memory":{"high":1,"max":"5PB"}'),
    [
      '1:51 jobs.a.memory.high: expected at least 16MB, found 1',
      '1:59 jobs.a.memory.max: expected a size such as "200MB" or "200MiB", found "5PB"',
    ],
  ],
  [
    'an overflowing size',
    job(`"memory":"${'9'.repeat(30)}GB"`),
    [`1:43 jobs.a.memory: expected at most 9007199254740991B, found "${'9'.repeat(30)}GB"`],
  ],
  [
    'half a byte',
    job('"memory":"20000000.5B"'),
    ['1:43 jobs.a.memory: expected a whole number of bytes, found "20000000.5B"'],
  ],
  [
    'a restart policy',
    job('"restart":"on-failur"'),
    [
      '1:44 jobs.a.restart: expected "always", "on-failure", "never" or an object, found "on-failur"; did you mean "on-failure"?',
    ],
  ],
  [
    'restart in detail',
    job('"restart":{"policy":"x","backof":1,"stableAfter":"1y","permanentExitCodes":[256,-1,"1",1.5]}'),
    [
      '1:54 jobs.a.restart.policy: expected "always", "on-failure" or "never", found "x"',
      '1:58 jobs.a.restart.backof: expected a known key, found "backof"; did you mean "backoff"?',
      `1:83 jobs.a.restart.stableAfter: expected ${DURATION}, found "1y"`,
      '1:110 jobs.a.restart.permanentExitCodes[0]: expected a whole number from 0 to 255, found 256',
      '1:114 jobs.a.restart.permanentExitCodes[1]: expected a whole number from 0 to 255, found -1',
      '1:117 jobs.a.restart.permanentExitCodes[2]: expected a whole number from 0 to 255, found "1"',
      '1:121 jobs.a.restart.permanentExitCodes[3]: expected a whole number from 0 to 255, found 1.5',
    ],
  ],
  [
    'backoff',
    job('"restart":{"backoff":{"initial":-1,"factor":0.9,"max":"25d","jitter":1.1}}'),
    [
      '1:66 jobs.a.restart.backoff.initial: expected at least 0ms, found -1',
      '1:78 jobs.a.restart.backoff.factor: expected a number from 1 to 1000, found 0.9',
      '1:88 jobs.a.restart.backoff.max: expected at most 24d, found "25d"',
      '1:103 jobs.a.restart.backoff.jitter: expected a number from 0 to 1, found 1.1',
    ],
  ],
  [
    'intensity',
    job('"restart":{"intensity":{"restarts":"unlimted","within":0}}'),
    [
      '1:69 jobs.a.restart.intensity.restarts: expected a whole number from 0 to 1000, or "unlimited", found "unlimted"; did you mean "unlimited"?',
      '1:89 jobs.a.restart.intensity.within: expected at least 1ms, found 0',
    ],
  ],
  [
    'a negative duration',
    job('"stop":{"grace":"-5s"}'),
    [`1:50 jobs.a.stop.grace: expected ${DURATION}, found "-5s"`],
  ],
  [
    'half a millisecond',
    job('"stop":{"grace":"1.5ms"}'),
    ['1:50 jobs.a.stop.grace: expected a whole number of milliseconds, found "1.5ms"'],
  ],
  [
    'half a plain millisecond',
    job('"stop":{"grace":1.5}'),
    ['1:50 jobs.a.stop.grace: expected a whole number of milliseconds, found 1.5'],
  ],
  [
    'an overflowing duration',
    job('"stop":{"grace":"99999999999999999999d"}'),
    ['1:50 jobs.a.stop.grace: expected at most 24d, found "99999999999999999999d"'],
  ],
  [
    'an overflowing number',
    job('"stop":{"grace":1e999}'),
    [`1:50 jobs.a.stop.grace: expected ${DURATION}, found 1e999`],
  ],
  [
    'a millisecond above 24 days',
    job('"stop":{"grace":2073600001}'),
    ['1:50 jobs.a.stop.grace: expected at most 24d, found 2073600001'],
  ],
  ['NaN', job('"stop":{"grace":"NaN"}'), [`1:50 jobs.a.stop.grace: expected ${DURATION}, found "NaN"`]],
  [
    'a signal without SIG',
    job('"stop":{"signal":"int"}'),
    ['1:51 jobs.a.stop.signal: expected the name of a signal such as "SIGINT", found "int"'],
  ],
  [
    'a misspelt signal',
    job('"stop":{"signal":"SIGTREM"}'),
    ['1:51 jobs.a.stop.signal: expected the name of a signal such as "SIGTERM", found "SIGTREM"'],
  ],
  [
    'a signal by number',
    job('"stop":{"signal":15}'),
    ['1:51 jobs.a.stop.signal: expected the name of a signal such as "SIGTERM", found 15'],
  ],
  [
    'the mailbox',
    job('"mailbox":{"capacity":0,"overflow":"drop","onRestart":"drop"}'),
    [
      '1:56 jobs.a.mailbox.capacity: expected a whole number from 1 to 1000000, found 0',
      '1:69 jobs.a.mailbox.overflow: expected "block", "reject" or "drop-oldest", found "drop"',
      '1:88 jobs.a.mailbox.onRestart: expected "keep" or "dead-letter", found "drop"',
    ],
  ],
  [
    'the log',
    job('"log":{"maxSize":"1B","files":0}'),
    [
      '1:51 jobs.a.log.maxSize: expected at least 1kB, found "1B"',
      '1:64 jobs.a.log.files: expected a whole number from 1 to 1000, found 0',
    ],
  ],
  [
    'kernel limits',
    job('"limits":{"data":0,"openFiles":0,"cpuTime":"1ms","x":1}'),
    [
      '1:51 jobs.a.limits.data: expected at least 1B, found 0',
      '1:65 jobs.a.limits.openFiles: expected a whole number from 1 to 1073741824, found 0',
      '1:77 jobs.a.limits.cpuTime: expected at least 1s, found "1ms"',
      '1:83 jobs.a.limits.x: expected one of the keys "data", "openFiles" or "cpuTime", found "x"',
    ],
  ],
];

describe('mistakes in values', () => {
  test.each(VALUES)('%s', (_what, text, mistakes) => {
    expect(mistakesIn(text)).toEqual(mistakes);
  });
});
