import { expect, it } from 'vitest';
import { PLAIN } from '../../src/cli/context.ts';
import { renderLogLine } from '../../src/cli/render/logs.ts';
import { visible, visibleOnOneLine } from '../../src/cli/render/visible.ts';

it.each([
  ['plain text, ümlaut, 日本語, 🎉', 'plain text, ümlaut, 日本語, 🎉'],
  ['tab\tand\nnewline', 'tab\tand\nnewline'],
  ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
  ['\u001b]52;c;cHduZWQ=\u0007', '\\x1b]52;c;cHduZWQ=\\x07'],
  ['\u001b]0;title\u009c', '\\x1b]0;title\\x9c'],
  ['\u0000\b\r\u007f\u009b', '\\x00\\x08\\x0d\\x7f\\x9b'],
  ['a\u202eb\u2066c\u2069\u200e\u200f\u061c', 'a\\u202eb\\u2066c\\u2069\\u200e\\u200f\\u061c'],
  ['one\u2028two\u2029', 'one\\u2028two\\u2029'],
])('%j is shown as %j', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

it('leaves no C0, DEL or C1 but tab and newline', () => {
  const codes = [...Array(0xa0).keys()].filter((code) => code < 0x20 || code >= 0x7f);
  const survivors = codes.filter((code) => visible(String.fromCharCode(code)) === String.fromCharCode(code));
  expect(survivors).toEqual([0x09, 0x0a]);
});

it('a field stays on its line', () => {
  expect(visibleOnOneLine('one\ntwo\tthree')).toBe('one\\ntwo\\tthree');
});

it('a log line that ends in CR shows no CR, one inside it does', () => {
  const line = { job: 'api', at: 0, stream: 'stdout', text: 'over\rwritten\r' } as const;
  expect(renderLogLine(line, null, PLAIN)).toBe('over\\x0dwritten');
});
