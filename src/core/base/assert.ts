/**
 * Invariants, as opposed to errors: a failed assertion is a bug in supervise, never a user's mistake. The
 * daemon ends every process group and exits with 70 when one fails, since going on with a corrupt state is
 * worse than stopping.
 */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

/** Throws `InvariantViolation` when `condition` does not hold. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantViolation(message);
}

/** For the end of an exhaustive switch: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new InvariantViolation(`unreachable: ${JSON.stringify(value)}`);
}
