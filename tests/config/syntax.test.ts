/**
 * Text that is no JSON: what is said, how often, and that what can be checked still is.
 */
import { createScanner } from 'jsonc-parser';
import { expect, test } from 'vitest';
import { TOKEN } from '../../src/config/tokens.ts';
import { mistakesIn } from './machine.ts';

const NOTATION = 'a key or value in JSON notation, texts in double quotes';

test.each([
  ['an empty file', '', ['1:1 : expected a value, found the end of the file']],
  ['only blanks', ' \n\n', ['1:1 : expected a value, found the end of the file']],
  ['only a comment', '// x\n', ['1:5 : expected a value, found the end of the file']],
  [
    'a missing comma',
    '{"workers":0\n"jobs":{"a":{"command":"node x"}}}',
    [
      '1:12 workers: expected a whole number from 1 to 10000, found 0',
      '2:1 : expected a comma, found "jobs"',
    ],
  ],
  ['a missing colon', '{"jobs" {}}', ['1:9 : expected a colon, found {']],
  ['a missing value', '{"jobs":}', ['1:9 : expected a value, found }']],
  [
    'a missing brace',
    '{"jobs":{"a":{"command":"node x"}}\n\n',
    ['1:35 : expected "}", found the end of the file'],
  ],
  ['a missing bracket', '{"jobs":[1', ['1:11 : expected "]", found the end of the file']],
  [
    'a brace too many',
    '{"jobs":{"a":{"command":"node x"}}}}',
    ['1:36 : expected the end of the file, found }'],
  ],
  ['an open text', '{"name":"shop\n,"jobs":{}}', ['1:9 : expected a closing double quote, found "shop']],
  ['an open comment', '{} /* x', ['1:4 : expected "*/" at the end of the comment, found /* x']],
  [
    'single quotes',
    "{'name': 'my shop'}",
    [`1:2 : expected ${NOTATION}, found 'name'`, `1:10 : expected ${NOTATION}, found 'my shop'`],
  ],
  [
    'bare words',
    '{"name": shop, jobs: {}}',
    [`1:10 : expected ${NOTATION}, found shop`, `1:16 : expected ${NOTATION}, found jobs`],
  ],
  [
    'a bad escape',
    '{"name":"a\\x","jobs":{"a":{"command":"node x"}}}',
    ['1:9 : expected one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u after a backslash, found "a\\x"'],
  ],
  [
    'a bad unicode escape',
    '{"name":"a\\u12","jobs":{"a":{"command":"node x"}}}',
    ['1:9 : expected four hexadecimal digits after \\u, found "a\\u12"'],
  ],
  [
    'a control character',
    '{"name":"a\u0000b","jobs":{"a":{"command":"node x"}}}',
    [
      '1:9 : expected control characters in texts to be written as \\u, found "a\\u0000b"',
      '1:9 name: expected a name of 1 to 64 letters, digits, "_" or "-" that starts with a letter or digit, found "a\\u0000b"',
    ],
  ],
  ['half a number', '{"workers":1.}', ['1:12 : expected a digit, found 1.']],
  [
    'several at once',
    '{"a" 1,\n"b":,\n"c":[1 2]}',
    ['1:6 : expected a colon, found 1', '2:5 : expected a value, found ,', '3:8 : expected a comma, found 2'],
  ],
  [
    '64 levels',
    `${'['.repeat(64)}${']'.repeat(64)}`,
    ['1:1 : expected an object such as { "jobs": { "app": { "command": "node app.js" } } }, found an array'],
  ],
  [
    '65 levels',
    `${'['.repeat(65)}${']'.repeat(65)}`,
    ['1:65 : expected at most 64 levels of brackets, found more'],
  ],
  [
    'a hundred thousand levels',
    '['.repeat(100_000),
    ['1:65 : expected at most 64 levels of brackets, found more'],
  ],
  [
    'as many that never match',
    '[}'.repeat(100_000),
    ['1:129 : expected at most 64 levels of brackets, found more'],
  ],
])('%s', (_, text, mistakes) => {
  expect(mistakesIn(text)).toEqual(mistakes);
});

test('of thousands of syntax errors the first thousand are listed', () => {
  const mistakes = mistakesIn(`{${','.repeat(5000)}`);
  expect(mistakes).toHaveLength(1001);
  expect(mistakes.at(-1)).toMatch(/ more mistakes are not listed$/);
});

test('token kinds are those of the scanner', () => {
  const scanner = createScanner('{}[],:"" //\n/**/ x', false);
  const kinds: number[] = [];
  do kinds.push(scanner.scan());
  while (kinds.at(-1) !== TOKEN.end && kinds.length < 20);
  expect(kinds).toEqual([
    TOKEN.openBrace,
    TOKEN.closeBrace,
    TOKEN.openBracket,
    TOKEN.closeBracket,
    TOKEN.comma,
    TOKEN.colon,
    TOKEN.string,
    TOKEN.blank,
    TOKEN.lineComment,
    TOKEN.lineBreak,
    TOKEN.blockComment,
    TOKEN.blank,
    TOKEN.unknown,
    TOKEN.end,
  ]);
});
