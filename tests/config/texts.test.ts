/**
 * The small notations: durations, sizes, words of a command line, and guessing what was meant.
 */
import { describe, expect, test } from 'vitest';
import { nearestName } from '../../src/config/nearest.ts';
import { durationText, parseDuration, parseSize, sizeText } from '../../src/config/quantity.ts';
import { splitWords } from '../../src/config/words.ts';

test.each([
  ['0ms', 0],
  ['250ms', 250],
  ['5s', 5000],
  ['1m', 60_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['1.5s', 1500],
  ['1.1s', 1100],
  ['0.001s', 1],
  ['1.0ms', 1],
  ['007s', 7000],
  ['0.0001s', 'fraction'],
  ['1.5ms', 'fraction'],
  ['999999999999d', 'overflow'],
  [`${'9'.repeat(1000)}s`, 'overflow'],
  ['', 'malformed'],
  ['5', 'malformed'],
  ['s', 'malformed'],
  ['5 s', 'malformed'],
  ['5S', 'malformed'],
  ['-5s', 'malformed'],
  ['.5s', 'malformed'],
  ['5.s', 'malformed'],
  ['1e3ms', 'malformed'],
  ['1m30s', 'malformed'],
  ['NaN', 'malformed'],
  ['Infinity', 'malformed'],
  ['constructor', 'malformed'],
])('the duration %j is %j', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each([
  ['1B', 1],
  ['1kB', 1000],
  ['1KiB', 1024],
  ['200MB', 200_000_000],
  ['200MiB', 209_715_200],
  ['1GB', 1_000_000_000],
  ['1GiB', 1_073_741_824],
  ['1.5GiB', 1_610_612_736],
  ['0.5B', 'fraction'],
  ['9007199254740991B', 9_007_199_254_740_991],
  ['9007199254740992B', 'overflow'],
  ['1KB', 'malformed'],
  ['1mb', 'malformed'],
  ['1M', 'malformed'],
  ['1TB', 'malformed'],
])('the size %j is %j', (text, expected) => {
  expect(parseSize(text)).toBe(expected);
});

test.each([
  [0, '0ms', '0B'],
  [1, '1ms', '1B'],
  [1000, '1s', '1kB'],
  [1024, '1024ms', '1KiB'],
  [60_000, '1m', '60kB'],
  [86_400_000, '1d', '84375KiB'],
])('%i is printed as %j and %j', (quantity, duration, size) => {
  expect(durationText(quantity)).toBe(duration);
  expect(sizeText(quantity)).toBe(size);
});

describe('words of a command line', () => {
  test.each([
    ['', []],
    ['  ', []],
    ['a', ['a']],
    [' a\tb\nc ', ['a', 'b', 'c']],
    ["'a b'", ['a b']],
    ['"a b"', ['a b']],
    ['a"b c"d', ['ab cd']],
    ['a\'b\'"c"\\ d', ['abc d']],
    ["''", ['']],
    ["a '' b", ['a', '', 'b']],
    ["'a\\'", ['a\\']],
    ['"a\\"b\\\\c\\$d\\`e\\nf"', ['a"b\\c$d`e\\nf']],
    ['a\\\nb', ['ab']],
    ['$HOME *.js ~ `x` $(y)', ['$HOME', '*.js', '~', '`x`', '$(y)']],
    ['a#b #c', ['a#b', '#c']],
  ])('%j are %j', (line, words) => {
    expect(splitWords(line)).toMatchObject({ ok: true, words: words.map((text) => ({ text })) });
  });

  test.each(["'", '"', 'a\\', "a 'b", 'a "b\\"', '"\\'])('%j is unbalanced', (line) => {
    expect(splitWords(line).ok).toBe(false);
  });

  test('know whether they stood bare', () => {
    expect(splitWords(`a "b" c'' \\d`)).toEqual({
      ok: true,
      words: [
        { text: 'a', quoted: false },
        { text: 'b', quoted: true },
        { text: 'c', quoted: true },
        { text: 'd', quoted: true },
      ],
    });
  });
});

test.each([
  ['memmory', 'memory'],
  ['evn', 'env'],
  ['RESTART', 'restart'],
  ['depends_on', 'dependsOn'],
  ['x', null],
  ['somethingElse', null],
  ['env', null],
  ['m'.repeat(100), null],
])('%j is nearest to %j', (name, nearest) => {
  expect(nearestName(name, ['memory', 'env', 'restart', 'dependsOn'])).toBe(nearest);
});
