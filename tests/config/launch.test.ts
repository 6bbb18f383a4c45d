/**
 * How a job is started: arguments, folder, program, environment.
 */
import { describe, expect, test } from 'vitest';
import { check, DEFAULT_LAUNCH, first } from './machine.ts';

describe('launching', () => {
  test.each([
    ['an array as it is', '"command":["node","a b",""]', { argv: ['node', 'a b', ''] }],
    [
      'words with quotes',
      `"command":"node 'a b' \\"c\\\\\\"d\\" e\\\\ f"`,
      { argv: ['node', 'a b', 'c"d', 'e f'] },
    ],
    [
      'a whole line for the shell',
      '"command":"nope | \'x","shell":true',
      { argv: ["nope | 'x"], shell: true },
    ],
    ['a cwd, made absolute', '"command":"./tool","cwd":"sub"', { argv: ['./tool'], cwd: '/work/sub' }],
    [
      "a program in the job's own PATH",
      '"command":"special","env":{"PATH":"/usr/bin:/own"}',
      {
        argv: ['special'],
        env: [['PATH', '/usr/bin:/own']],
      },
    ],
    [
      'a program in an empty entry of PATH, which is cwd',
      '"command":"run.sh","env":{"PATH":":/bin"}',
      {
        argv: ['run.sh'],
        env: [['PATH', ':/bin']],
      },
    ],
    [
      'an environment, sorted by code unit',
      '"command":"node","env":{"b":"1","B":"2","a":"","10":"3","__proto__":"4"}',
      {
        argv: ['node'],
        env: [
          ['10', '3'],
          ['B', '2'],
          ['__proto__', '4'],
          ['a', ''],
          ['b', '1'],
        ],
      },
    ],
    [
      'without the inherited environment',
      '"command":"node","inheritEnv":false',
      { argv: ['node'], inheritEnv: false },
    ],
    [
      'the log',
      '"command":"node","log":{"maxSize":"1MiB","files":1}',
      {
        argv: ['node'],
        log: { maxBytes: 1_048_576, files: 1 },
      },
    ],
  ])('%s', (_, keys, launch) => {
    expect(first(`{"jobs":{"a":{${keys}}}}`).launch).toEqual({ ...DEFAULT_LAUNCH, ...launch });
  });

  test('without PATH the folders of the C library are searched', () => {
    expect(check('{"jobs":{"a":{"command":"node x"}}}', { env: {} }).ok).toBe(true);
  });
});
