/**
 * Quantities as people read them, and tables of them; unknown is `-`, never 0. Cells are plain ASCII but for the
 * ellipsis, and colour is applied after padding, so widths need no parser of escape sequences. No locale.
 */

export const UNKNOWN = '-';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const SIZE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `850ms`, `3.2s`, `42s`, `5m12s`, `3h04m`, `2d03h`. */
export function durationText(durationMs: number | null): string {
  if (durationMs === null) return UNKNOWN;
  const ms = Math.max(0, durationMs);
  if (ms < SECOND - 0.5) return `${Math.round(ms)}ms`;
  if (ms < 10 * SECOND - 50) return `${oneDecimal(ms / SECOND)}s`;
  if (ms < MINUTE - 500) return `${Math.round(ms / SECOND)}s`;
  if (ms < HOUR - SECOND / 2) return pair(ms, MINUTE, 'm', SECOND, 's');
  if (ms < DAY - MINUTE / 2) return pair(ms, HOUR, 'h', MINUTE, 'm');
  return pair(ms, DAY, 'd', HOUR, 'h');
}

/** Exact where it is short: `100ms`, `2s`, `1m`; for settings, which people typed like that. */
export function settingText(durationMs: number): string {
  if (durationMs !== 0 && durationMs % HOUR === 0) return `${durationMs / HOUR}h`;
  if (durationMs !== 0 && durationMs % MINUTE === 0) return `${durationMs / MINUTE}m`;
  if (durationMs !== 0 && durationMs % SECOND === 0) return `${durationMs / SECOND}s`;
  return `${durationMs}ms`;
}

/** Three digits and a decimal unit, as in jobs.json: `83.4MB`. */
export function bytesText(bytes: number | null): string {
  if (bytes === null) return UNKNOWN;
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < SIZE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? String(Math.round(value)) : oneDecimal(value);
  return `${digits}${SIZE_UNITS[unit]}`;
}

/** `0.4%`, `57%`, `132%`. */
export function percentText(percent: number | null): string {
  if (percent === null) return UNKNOWN;
  return percent < 9.95 ? `${oneDecimal(percent)}%` : `${Math.round(percent)}%`;
}

/** `1 job`, `3 jobs`. */
export function countText(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** Local time of day with milliseconds. */
export function clockText(wallMs: number): string {
  const date = new Date(wallMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const milliseconds = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}

/** `a`, `a and b`, `a, b and c`; beyond `most` only counted. */
export function listText(names: readonly string[], most = 8): string {
  if (names.length > most) return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function pair(ms: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const count = Math.round(ms / small);
  const perLarge = large / small;
  return `${Math.floor(count / perLarge)}${largeUnit}${String(count % perLarge).padStart(2, '0')}${smallUnit}`;
}

function oneDecimal(value: number): string {
  const text = value.toFixed(1);
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}

export interface Column {
  readonly title: string;
  readonly cells: readonly string[];
  readonly align: 'left' | 'right';
  /** Applied to the padded cell. */
  readonly paint?: (text: string, row: number) => string;
}

const GAP = '  ';

/** Width of all columns side by side. */
export function tableWidth(columns: readonly Column[]): number {
  return columns.reduce(
    (sum, column) => sum + columnWidth(column),
    GAP.length * Math.max(0, columns.length - 1),
  );
}

/** Width of the widest cell or the title. */
export function columnWidth(column: Column): number {
  return column.cells.reduce((widest, cell) => Math.max(widest, cell.length), column.title.length);
}

/** The lines of a table, title line first, without blanks at the ends. */
export function tableLines(columns: readonly Column[], paintTitle: (text: string) => string): string[] {
  const widths = columns.map(columnWidth);
  const rows = columns[0]?.cells.length ?? 0;
  const titles = columns.map((column, index) => padded(column.title, widths[index] ?? 0, column.align));
  const lines = [paintTitle(titles.join(GAP).trimEnd())];
  for (let row = 0; row < rows; row += 1) {
    const last = columns.length - 1;
    const cells = columns.map((column, index) => {
      const text = column.cells[row] ?? '';
      const isTrailing = index === last && column.align === 'left';
      const cell = isTrailing ? text : padded(text, widths[index] ?? 0, column.align);
      return column.paint?.(cell, row) ?? cell;
    });
    lines.push(cells.join(GAP).trimEnd());
  }
  return lines;
}

/** The text, cut to the width with an ellipsis. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function padded(text: string, width: number, align: Column['align']): string {
  return align === 'left' ? text.padEnd(width) : text.padStart(width);
}
