/**
 * One row for each mistake in commands, programs and folders: the text, and all that is said about it.
 */
import { describe, expect, test } from 'vitest';
import { job, mistakesIn, type Row } from './machine.ts';

const COMMANDS: readonly Row[] = [
  [
    'an empty command',
    '{"jobs":{"a":{"command":""}}}',
    ['1:25 jobs.a.command: expected a program, found no word'],
  ],
  ['blanks', '{"jobs":{"a":{"command":"  "}}}', ['1:25 jobs.a.command: expected a program, found no word']],
  [
    'blanks for a shell',
    '{"jobs":{"a":{"command":"  ","shell":true}}}',
    ['1:25 jobs.a.command: expected a command, found only blanks'],
  ],
  [
    'an empty array',
    '{"jobs":{"a":{"command":[]}}}',
    ['1:25 jobs.a.command: expected at least one text, found an empty array'],
  ],
  [
    'a number',
    '{"jobs":{"a":{"command":1}}}',
    ['1:25 jobs.a.command: expected a command line or an array of texts, found 1'],
  ],
  [
    'an object whose length compares with nothing',
    '{"jobs":{"a":{"command":{"length":[{}]}}}}',
    ['1:25 jobs.a.command: expected a command line or an array of texts, found an object'],
  ],
  [
    'a number as argument',
    '{"jobs":{"a":{"command":["node",8080]}}}',
    ['1:33 jobs.a.command[1]: expected a text, found 8080'],
  ],
  [
    'an empty program',
    '{"jobs":{"a":{"command":["","x"]}}}',
    ['1:26 jobs.a.command[0]: expected a program, found an empty text'],
  ],
  [
    'a quoted empty program',
    `{"jobs":{"a":{"command":"'' x"}}}`,
    ['1:25 jobs.a.command: expected a program, found an empty text'],
  ],
  [
    'single quotes',
    `{"jobs":{"a":{"command":"node 'x"}}}`,
    ['1:25 jobs.a.command: expected balanced single quotes, found one that is never closed'],
  ],
  [
    'double quotes',
    '{"jobs":{"a":{"command":"node \\"x"}}}',
    ['1:25 jobs.a.command: expected balanced double quotes, found one that is never closed'],
  ],
  [
    'a last backslash',
    '{"jobs":{"a":{"command":"node x\\\\"}}}',
    ['1:25 jobs.a.command: expected a character after the last backslash, found the end of the command'],
  ],
  [
    'an array for a shell',
    '{"jobs":{"a":{"command":["node","x"],"shell":true}}}',
    ['1:25 jobs.a.command: expected a text for the shell (because of "shell": true), found an array'],
  ],
  [
    'NUL in a line',
    '{"jobs":{"a":{"command":"node \\u0000"}}}',
    ['1:25 jobs.a.command: expected a text without NUL, found NUL as character 6'],
  ],
  [
    'NUL in an argument',
    '{"jobs":{"a":{"command":["node","\\u0000"]}}}',
    ['1:33 jobs.a.command[1]: expected a text without NUL, found NUL as character 1'],
  ],
  [
    'an argument above 128 KiB',
    `{"jobs":{"a":{"command":["node","${'é'.repeat(65_536)}"]}}}`,
    ['1:33 jobs.a.command[1]: expected an argument of at most 131071 bytes, found 131072 bytes'],
  ],
  [
    'a word above 128 KiB',
    `{"jobs":{"a":{"command":"node ${'x'.repeat(131_072)}"}}}`,
    ['1:25 jobs.a.command: expected an argument of at most 131071 bytes, found 131072 bytes'],
  ],
  [
    'a shell command above 128 KiB',
    `{"jobs":{"a":{"shell":true,"command":"${'x '.repeat(65_537)}"}}}`,
    ['1:38 jobs.a.command: expected an argument of at most 131071 bytes, found 131074 bytes'],
  ],
];

const PROGRAMS: readonly Row[] = [
  [
    'missing in PATH',
    '{"jobs":{"a":{"command":"nope x"}}}',
    ['1:25 jobs.a.command: expected a program, found no "nope" in PATH'],
  ],
  [
    'missing in PATH, as an array',
    '{"jobs":{"a":{"command":["nope"]}}}',
    ['1:26 jobs.a.command[0]: expected a program, found no "nope" in PATH'],
  ],
  [
    'a folder in PATH',
    '{"jobs":{"a":{"command":"folder"}}}',
    ['1:25 jobs.a.command: expected a program, found a folder of that name in PATH'],
  ],
  [
    'not executable in PATH',
    '{"jobs":{"a":{"command":"data"}}}',
    ['1:25 jobs.a.command: expected a program, found a file of that name in PATH that is not executable'],
  ],
  [
    "missing in the job's own PATH",
    '{"jobs":{"a":{"command":"node x","env":{"PATH":"/own"}}}}',
    ['1:25 jobs.a.command: expected a program, found no "node" in PATH'],
  ],
  [
    "missing in the defaults' PATH",
    '{"defaults":{"env":{"PATH":"/own"}},"jobs":{"a":{"command":"node x"}}}',
    ['1:60 jobs.a.command: expected a program, found no "node" in PATH'],
  ],
  [
    'a missing path',
    '{"jobs":{"a":{"command":"./nope"}}}',
    ['1:25 jobs.a.command: expected a program, found nothing at /work/nope'],
  ],
  [
    'relative to cwd',
    '{"jobs":{"a":{"command":"./run.sh","cwd":"sub"}}}',
    ['1:25 jobs.a.command: expected a program, found nothing at /work/sub/run.sh'],
  ],
  [
    'a folder',
    '{"jobs":{"a":{"command":"./sub"}}}',
    ['1:25 jobs.a.command: expected a program, found a folder at /work/sub'],
  ],
  [
    'a device',
    '{"jobs":{"a":{"command":"/dev/null"}}}',
    ['1:25 jobs.a.command: expected a program, found neither file nor folder at /dev/null'],
  ],
  [
    'not executable',
    '{"jobs":{"a":{"command":"./data.txt"}}}',
    ['1:25 jobs.a.command: expected a program, found a file at /work/data.txt that is not executable'],
  ],
  [
    'out of reach',
    '{"jobs":{"a":{"command":"/forbidden/x"}}}',
    ["1:25 jobs.a.command: expected a program, found /forbidden/x, which can't be reached"],
  ],
  ['a missing cwd', job('"cwd":"nope"'), ['1:40 jobs.a.cwd: expected a folder, found nothing at /work/nope']],
  [
    'a cwd that is a file',
    job('"cwd":"run.sh"'),
    ['1:40 jobs.a.cwd: expected a folder, found a file at /work/run.sh'],
  ],
  [
    'a cwd that may not be entered',
    job('"cwd":"locked"'),
    ['1:40 jobs.a.cwd: expected a folder that may be entered, found /work/locked'],
  ],
  ['an empty cwd', job('"cwd":""'), ['1:40 jobs.a.cwd: expected the path of a folder, found ""']],
  [
    'a cwd with NUL',
    job('"cwd":"a\\u0000"'),
    ['1:40 jobs.a.cwd: expected the path of a folder without NUL, found "a\\u0000"'],
  ],
  [
    'a missing cwd in defaults, once',
    '{"defaults":{"cwd":"nope"},"jobs":{"a":{"command":"node x"},"b":{"command":"./run.sh"}}}',
    ['1:20 defaults.cwd: expected a folder, found nothing at /work/nope'],
  ],
  [
    'a missing cwd hides a relative program, not an absolute one',
    '{"jobs":{"a":{"command":"/nope","cwd":"nope"}}}',
    [
      '1:25 jobs.a.command: expected a program, found nothing at /nope',
      '1:39 jobs.a.cwd: expected a folder, found nothing at /work/nope',
    ],
  ],
];

describe.each([
  ['commands', COMMANDS],
  ['programs and folders', PROGRAMS],
] as const)('mistakes in %s', (_, rows) => {
  test.each(rows)('%s', (_what, text, mistakes) => {
    expect(mistakesIn(text)).toEqual(mistakes);
  });
});
