/** Words of the command line that stand for quantities, and what is said when they do not. */
import { parseDuration } from '../config/quantity.ts';
import { SuperviseError } from '../wire/errors.ts';
import { wallMs } from './clock.ts';

/** Milliseconds of `5s` or, as in jobs.json, of a plain number. */
export function durationOf(text: string, option: string): number {
  const quantity = /^\d+$/.test(text) ? Number(text) : parseDuration(text);
  if (typeof quantity === 'number' && Number.isSafeInteger(quantity)) return quantity;
  throw usage(`${option}: expected a duration such as 250ms, 5s or 2m, found ${JSON.stringify(text)}`);
}

/** Unix milliseconds of a point in time: so long ago, or an ISO date. */
export function instantOf(text: string, option: string): number {
  const agoMs = parseDuration(text);
  if (typeof agoMs === 'number') return wallMs() - agoMs;
  const instant = /^\d{4}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(instant)) return instant;
  throw usage(
    `${option}: expected a duration such as 5m or a time such as 2025-03-01T12:00:00, found ${JSON.stringify(text)}`,
  );
}

/** A whole number, not negative. */
export function countOf(text: string, option: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usage(`${option}: expected a whole number, found ${JSON.stringify(text)}`);
}

/** A mistake of the caller. */
export function usage(message: string): SuperviseError {
  return new SuperviseError('SUPERVISE_USAGE', message);
}
