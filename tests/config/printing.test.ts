/**
 * Diagnostics as people see them: place, source line, caret, and nothing a terminal would act on or that is secret.
 */
import { describe, expect, test, vi } from 'vitest';
import { checkConfig, type Diagnostic, formatDiagnostic } from '../../src/config/load.ts';

// Thousands of checks: on a busy machine they may take longer than one test usually does.
vi.setConfig({ testTimeout: 60_000 });

import { hideSecrets } from '../../src/config/secrets.ts';
import { check, machine, OPTIONS } from './machine.ts';

const BASE: Diagnostic = {
  file: 'jobs.json',
  line: 2,
  column: 5,
  path: 'jobs.a',
  message: 'expected x, found y',
  severity: 'error',
  sourceLine: '    "a": 1',
  length: 3,
};

test.each<[string, Partial<Diagnostic>, string]>([
  ['a mistake', {}, 'jobs.json:2:5 jobs.a: expected x, found y\n      "a": 1\n      ^^^'],
  [
    'a warning',
    { severity: 'warning' },
    'jobs.json:2:5 jobs.a: warning: expected x, found y\n      "a": 1\n      ^^^',
  ],
  ['without a path', { path: '' }, 'jobs.json:2:5: expected x, found y\n      "a": 1\n      ^^^'],
  ['without a line', { sourceLine: '' }, 'jobs.json:2:5 jobs.a: expected x, found y'],
  [
    'behind the line',
    { column: 11, length: 1 },
    'jobs.json:2:11 jobs.a: expected x, found y\n      "a": 1\n            ^',
  ],
  ['beyond what is kept of the line', { column: 5000 }, 'jobs.json:2:5000 jobs.a: expected x, found y'],
  [
    'tabs',
    { sourceLine: '\t"a":\t1', column: 7, length: 1 },
    'jobs.json:2:7 jobs.a: expected x, found y\n  \t"a":\t1\n  \t    \t^',
  ],
  [
    'wide characters',
    { sourceLine: '"日本": 1', column: 7, length: 1 },
    'jobs.json:2:7 jobs.a: expected x, found y\n  "日本": 1\n          ^',
  ],
  [
    'control characters',
    { file: 'a\u001b[31m.json', message: 'x\u202e\u0007\u009b', sourceLine: '\u001b[2J"a"', column: 5 },
    'a\\u001b[31m.json:2:5 jobs.a: x\\u202e\\u0007\\u009b\n  \ufffd[2J"a"\n      ^^^',
  ],
  [
    'a long line',
    { sourceLine: `${'x'.repeat(200)}"a"${'y'.repeat(200)}`, column: 201 },
    `jobs.json:2:201 jobs.a: expected x, found y\n  …${'x'.repeat(40)}"a"${'y'.repeat(57)}…\n${' '.repeat(43)}^^^`,
  ],
])('%s', (_, changes, printed) => {
  expect(formatDiagnostic({ ...BASE, ...changes })).toBe(printed);
});

test('a whole diagnostic', () => {
  const result = checkConfig(
    '{\r\n\t"jobs": { "a": { "command": "nope x" } }\r\n}',
    'some/jobs.json',
    OPTIONS,
    machine,
  );
  expect(result.ok ? [] : result.errors).toEqual([
    {
      file: 'some/jobs.json',
      line: 2,
      column: 30,
      path: 'jobs.a.command',
      message: 'expected a program, found no "nope" in PATH',
      severity: 'error',
      sourceLine: '\t"jobs": { "a": { "command": "nope x" } }',
      length: 8,
    },
  ]);
});

describe('values of env are hidden', () => {
  test.each([
    ['values', '"env": { "A": "s", "B": 1 }', '"env": { "A": ***, "B": * }'],
    [
      'whatever their kind',
      '"env": { "A": ["s", { "B": "s" }], "C": true }',
      '"env": { "A": [***, { "B": *** }], "C": **** }',
    ],
    ['an array', '"env": ["A=s"], "x": "y"', '"env": [*****], "x": "y"'],
    ['a text', '"env": "A=s", "x": "y"', '"env": *****, "x": "y"'],
    ['behind = in a key', '"env": { "A=s": "t" }', '"env": { "A=*": *** }'],
    ['comments', '"env": { /* s */ "A": "s" // s\n}', '"env": { ******* "A": *** ****\n}'],
    [
      'misspelt keys',
      '"evn": { "A": "s" }, "environment": { "A": "s" }',
      '"evn": { "A": *** }, "environment": { "A": *** }',
    ],
    ['not inheritEnv', '"inheritEnv": "yes"', '"inheritEnv": "yes"'],
    ['not the program env', '"command": ["env", "node"]', '"command": ["env", "node"]'],
    ['nothing after it', '"env": {}, "cwd": "x"', '"env": {}, "cwd": "x"'],
  ])('%s', (_, text, hidden) => {
    expect(hideSecrets(`{${text}}`, true)).toBe(`{${hidden}}`);
  });

  test('but not keys of a job that is called env', () => {
    const text = '{"jobs":{"env":{"command":"x","dependsOn":{"env":"ready"}}}}';
    expect(hideSecrets(text, true)).toBe(text);
  });

  test('with an open quote, to the end of the line of the closing brace', () => {
    const text = '{"a": {"env": {"A: "s", "B": "s}"}, "x": "y"\n}}';
    expect(hideSecrets(text, false)).toBe('{"a": {"env": {****************}"}, "*": "*"\n}}');
  });

  test('names at the beginning of a line stay', () => {
    expect(hideSecrets('"env" {\n "A": "s",\n B: s,\n}\n"x": "y"', false)).toBe(
      '"env" {\n "A": ***,\n B: *,\n}\n"x": "y"',
    );
  });
});

test('no slip in a file brings a secret into a diagnostic', () => {
  const text = `{ "jobs": { "a": { "command": "nope", "env": { "TOKEN": "hunter2", "B": "hunter3" /* hunter4 */ }, "x": 1 },
    "env": { "command": "nope", "env": {
      "T": "hunter5"
    } } } }`;
  const leaks: string[] = [];
  for (let index = 0; index <= text.length; index += 1) {
    // A slip in the word env itself leaves nothing to recognise.
    const inWord = /"env"/.test(text.slice(Math.max(0, index - 4), index + 5));
    for (const inserted of inWord ? [] : ['', '"', '{', '}', '[', ']', ',', ':', '\\', '/*', "'", '\n']) {
      for (const end of [index, index + 1]) {
        const slip = text.slice(0, index) + inserted + text.slice(end);
        const result = check(slip);
        const found = result.ok ? [] : result.errors;
        const shown = [JSON.stringify(found), ...found.map(formatDiagnostic)].join('\n');
        if (/unter[0-9]/.test(shown)) leaks.push(slip);
      }
    }
  }
  expect(leaks).toEqual([]);
});
