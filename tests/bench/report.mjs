// Results as lines for a terminal or as the table of the README.
import { median } from './measures.mjs';

/** Lines of one result: the number, its baseline, their ratio and the target, then what it is made of. */
export function linesOf(result) {
  const { label, parts = [] } = result;
  const lines = [
    `  ${label}`,
    `    bare Node   ${spread(result.baseline, result)}`,
    `    supervise   ${spread(result.measured, result)}`,
    `    ratio       ${ratioOf(result)}   target ${targetText(result)}   ${verdict(result)}`,
  ];
  for (const part of parts) {
    const bare = part.baseline === undefined ? '' : `   (bare Node ${spread(part.baseline, part)})`;
    lines.push(`      ${part.label}: ${spread(part.measured, part)}${bare}`);
  }
  return lines;
}

/** A Markdown table of all results. */
export function markdownOf(results) {
  const rows = results.map((result) =>
    [
      result.label,
      spread(result.baseline, result),
      spread(result.measured, result),
      ratioOf(result),
      targetText(result),
      verdict(result),
    ].join(' | '),
  );
  return [
    '| measured | bare Node | supervise | ratio | target | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

/** `ok` or `MISSED`. */
export function verdict({ baseline, measured, target }) {
  const value = target.ratio === undefined ? median(measured) : median(measured) / median(baseline);
  const isMet = target.least === undefined ? value <= (target.ratio ?? target.most) : value >= target.least;
  return isMet ? 'ok' : 'MISSED';
}

function targetText({ target, unit }) {
  if (target.ratio !== undefined) return `≤ ${target.ratio} ×`;
  const [sign, bound] = target.least === undefined ? ['≤', target.most] : ['≥', target.least];
  return `${sign} ${bound}${unit === '' ? '' : ` ${unit}`}`;
}

function ratioOf({ baseline, measured }) {
  const base = median(baseline);
  return base === 0 ? '–' : `${(median(measured) / base).toFixed(2)} ×`;
}

/** median [min–max], the brackets only where there is more than one number. */
function spread(numbers, { unit, digits = 1 }) {
  const text = (number) => number.toFixed(digits);
  const range = numbers.length === 1 ? '' : ` [${text(Math.min(...numbers))}–${text(Math.max(...numbers))}]`;
  return `${text(median(numbers))}${range}${unit === '' ? '' : ` ${unit}`}`;
}
