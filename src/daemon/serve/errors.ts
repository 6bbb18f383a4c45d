/** Errors on their way out: a code, a status, never a stack. */
import type { Context } from 'hono';
import { ERRORS, SuperviseError } from '../../wire/errors.ts';

/** The answer to a request that failed. */
export function errorAnswer(context: Context, error: unknown): Response {
  const known =
    error instanceof SuperviseError
      ? error
      : new SuperviseError('SUPERVISE_BUG', error instanceof Error ? error.message : String(error));
  return context.json({ error: known.toBody() }, ERRORS[known.code].httpStatus);
}
