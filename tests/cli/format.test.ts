import { expect, it } from 'vitest';
import {
  bytesText,
  countText,
  durationText,
  listText,
  percentText,
  settingText,
} from '../../src/cli/render/format.ts';

it.each([
  [null, '-'],
  [-5, '0ms'],
  [0, '0ms'],
  [999, '999ms'],
  [999.6, '1s'],
  [1000, '1s'],
  [3240, '3.2s'],
  [9960, '10s'],
  [42_400, '42s'],
  [59_600, '1m00s'],
  [312_000, '5m12s'],
  [3_599_400, '59m59s'],
  [3_599_600, '1h00m'],
  [11_040_000, '3h04m'],
  [183_600_000, '2d03h'],
])('a duration of %s ms reads %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

it.each([
  [null, '-'],
  [0, '0B'],
  [999, '999B'],
  [999.5, '1kB'],
  [1000, '1kB'],
  [48_400_000, '48.4MB'],
  [99_960_000, '100MB'],
  [200_000_000, '200MB'],
  [999_600_000, '1GB'],
  [2_000_000_000_000_000, '2PB'],
])('%s bytes read %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

it.each([
  [null, '-'],
  [0, '0%'],
  [0.44, '0.4%'],
  [9.96, '10%'],
  [132.4, '132%'],
])('%s percent read %s', (percent, text) => {
  expect(percentText(percent)).toBe(text);
});

it.each([
  [0, '0ms'],
  [100, '100ms'],
  [1500, '1500ms'],
  [2000, '2s'],
  [60_000, '1m'],
  [7_200_000, '2h'],
])('a setting of %s ms reads as it would be typed: %s', (ms, text) => {
  expect(settingText(ms)).toBe(text);
});

it('counts and lists read as prose', () => {
  expect([countText(1, 'job'), countText(0, 'job'), countText(2, 'process', 'processes')]).toEqual([
    '1 job',
    '0 jobs',
    '2 processes',
  ]);
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map((names) => listText(names))).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
  expect(listText(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
});
