/**
 * The mark that every process of a job carries in its environment: `SUPERVISE_MARK=<supervisor>/<job>#<run>`.
 * It is derived from user, state folder and name alone, so that what an earlier daemon left behind is found
 * even when all state is lost.
 */
import { createHash } from 'node:crypto';
import type { RunId } from '../core/job/phase.ts';
import type { SupervisorPaths } from '../wire/paths.ts';

export const MARK_VARIABLE = 'SUPERVISE_MARK';

/** What the marks of all runs of this supervisor begin with. */
export function markPrefixOf(name: string, paths: Pick<SupervisorPaths, 'state'>): string {
  const identity = `${process.geteuid?.() ?? 0}\0${paths.state}\0${name}`;
  return `${createHash('sha256').update(identity).digest('hex').slice(0, 16)}/`;
}

/** The mark of one run. */
export function markOf(prefix: string, run: RunId): string {
  return `${prefix}${run.job}#${run.incarnation}`;
}

/** The run that a mark with that prefix names. */
export function runOfMark(mark: string, prefix: string): RunId {
  const [job = '', incarnation] = mark.slice(prefix.length).split('#');
  return { job, incarnation: Number(incarnation) };
}
