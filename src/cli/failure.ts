/**
 * What a failed command says and returns. Scripts get one JSON document on stdout, people a sentence and a hint
 * on stderr; a bug shows its stack.
 */
import { ERRORS, SuperviseError } from '../wire/errors.ts';
import { colorsFor } from './context.ts';
import type { Io } from './io.ts';
import { visible } from './render/visible.ts';

/** Text for people that has been printed already; only scripts still need the error. */
export class ReportedError extends SuperviseError {}

/** Reports the error of a command; its exit code. */
export async function reportFailure(error: unknown, args: readonly string[], io: Io): Promise<number> {
  const failure = error instanceof SuperviseError ? error : bugOf(error);
  if (wantsJson(args)) {
    io.stdout.write(`${JSON.stringify({ error: failure.toBody() }, null, 2)}\n`);
  } else if (!(failure instanceof ReportedError)) {
    const colors = await colorsFor(io.env, io.stderr, !args.includes('--no-color'));
    const { hint } = ERRORS[failure.code];
    io.stderr.write(`${colors.red('error:')} ${visible(failure.message)}\n`);
    if (hint !== null) io.stderr.write(colors.dim(`  ${hint}\n`));
  }
  if (failure.code === 'SUPERVISE_BUG' && error instanceof Error && error.stack !== undefined) {
    io.stderr.write(`${visible(error.stack)}\n`);
  }
  return failure.exitCode;
}

/** Whether the caller asked for JSON; words after `--` are no options. */
export function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).includes('--json');
}

function bugOf(error: unknown): SuperviseError {
  return new SuperviseError('SUPERVISE_BUG', error instanceof Error ? error.message : String(error));
}
