/** One line of output of a job, with the name of its job in front when there are several. */
import type { LogLine } from '../../wire/api.ts';
import type { Color, Colors } from './colors.ts';
import { countText } from './format.ts';
import { visible, visibleOnOneLine } from './visible.ts';

const NAME_COLORS = ['cyan', 'green', 'yellow', 'blue', 'magenta'] as const satisfies readonly Color[];

/** Paints job names: each keeps its colour, whichever jobs are shown beside it. */
export function namePainter(names: readonly string[], colors: Colors): (name: string) => string {
  const width = names.reduce((widest, name) => Math.max(widest, name.length), 0);
  return (name) => colors[colorOf(name)](`${name.padEnd(width)} |`);
}

/** `api | the text`; without a painter only the text. */
export function renderLogLine(
  line: LogLine,
  painter: ((name: string) => string) | null,
  colors: Colors,
): string {
  // A carriage return at the end is the other half of a line break, nothing that could hide text.
  const text = visible(line.text.replace(/\r$/, ''));
  const content = line.stream === 'supervise' ? colors.dim(`(supervise: ${text})`) : text;
  return painter === null ? content : `${painter(line.job)} ${content}`;
}

/** What is missing from a log. */
export function renderLogGap(
  job: string,
  gap: number,
  painter: ((name: string) => string) | null,
  colors: Colors,
): string {
  const content = colors.dim(`(supervise: ${countText(gap, 'line')} missing here)`);
  return painter === null ? content : `${painter(visibleOnOneLine(job))} ${content}`;
}

function colorOf(name: string): Color {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return NAME_COLORS[sum % NAME_COLORS.length] ?? 'cyan';
}
