/**
 * Durations and sizes as people write them, and back. Exact arithmetic: "1.1s" is 1100 ms, not 1100.0000000000002.
 * It knows units, but neither limits nor where in a file a quantity stands.
 */

const DURATION_UNITS: ReadonlyMap<string, number> = new Map([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]);

const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['GiB', 2 ** 30],
  ['GB', 10 ** 9],
  ['MiB', 2 ** 20],
  ['MB', 10 ** 6],
  ['KiB', 2 ** 10],
  ['kB', 10 ** 3],
  ['B', 1],
]);

/** What `parseDuration` accepts, up to fractions and overflow. */
export const DURATION_PATTERN = /^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/;

/** What `parseSize` accepts, up to fractions and overflow. */
export const SIZE_PATTERN = /^\d+(?:\.\d+)?(?:B|kB|KiB|MB|MiB|GB|GiB)$/;

/** More digits than any safe number has; keeps hostile input away from slow big-number arithmetic. */
const DIGITS_MAX = 40;

/** A whole number of the smallest unit, or why the text does not give one. */
export type Quantity = number | 'malformed' | 'fraction' | 'overflow';

/** Milliseconds of a text such as "250ms" or "1.5s". */
export function parseDuration(text: string): Quantity {
  return parseQuantity(text, DURATION_UNITS);
}

/** Bytes of a text such as "200MB" or "1.5GiB". */
export function parseSize(text: string): Quantity {
  return parseQuantity(text, SIZE_UNITS);
}

/** The shortest exact notation: 60000 is "1m", 1500 is "1500ms". */
export function durationText(durationMs: number): string {
  return quantityText(durationMs, DURATION_UNITS, 'ms');
}

/** The shortest exact notation: 2000000 is "2MB", 2097152 is "2MiB". */
export function sizeText(sizeBytes: number): string {
  return quantityText(sizeBytes, SIZE_UNITS, 'B');
}

function parseQuantity(text: string, units: ReadonlyMap<string, number>): Quantity {
  const match = /^(\d+)(?:\.(\d+))?([A-Za-z]+)$/.exec(text);
  const unit = units.get(match?.[3] ?? '');
  if (match === null || unit === undefined) return 'malformed';
  const whole = match[1] ?? '';
  const fraction = match[2] ?? '';
  if (whole.length + fraction.length > DIGITS_MAX) return 'overflow';
  const scaled = BigInt(whole + fraction) * BigInt(unit);
  const scale = 10n ** BigInt(fraction.length);
  if (scaled % scale !== 0n) return 'fraction';
  const quantity = scaled / scale;
  return quantity > BigInt(Number.MAX_SAFE_INTEGER) ? 'overflow' : Number(quantity);
}

function quantityText(quantity: number, units: ReadonlyMap<string, number>, smallest: string): string {
  if (quantity !== 0) {
    for (const [name, unit] of units) {
      if (quantity % unit === 0) return `${quantity / unit}${name}`;
    }
  }
  return `${quantity}${smallest}`;
}
