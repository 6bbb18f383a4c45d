/**
 * One action on many jobs: all names are checked before anything is done, then all are asked at once, and what
 * each answered is told. It must not know what an action does.
 */
import type { SuperviseClient } from '../client/client.ts';
import type { PhaseKind } from '../core/job/phase.ts';
import type { JobStatus } from '../core/views/status.ts';
import type { Action, ActionRequest, ActionResult } from '../wire/api.ts';
import { SuperviseError } from '../wire/errors.ts';
import { type Context, clientOf, printJson, printLine } from './context.ts';
import { selectJobs } from './jobs.ts';

export interface JobAction {
  readonly action: Action;
  readonly request?: ActionRequest;
  /** `JOB: done` when it had an effect … */
  readonly done: string;
  /** … and this when there was nothing to do. */
  readonly idle: (phase: PhaseKind) => string;
  /** Which jobs are meant when none is named. */
  readonly concerns: (job: JobStatus) => boolean;
}

interface Settled {
  readonly job: string;
  readonly result: ActionResult | SuperviseError;
}

/** Connections at a time: as many as the daemon takes subscribers. */
const CONCURRENCY = 64;

/** Does it to the named jobs, or to all that it concerns. */
export async function actOnJobs(
  context: Context,
  names: readonly string[],
  action: JobAction,
): Promise<number> {
  const client = await clientOf(context);
  const { jobs } = await client.status();
  const selected = await selectJobs(jobs, names);
  const concerned = names.length > 0 ? selected : selected.filter(action.concerns);
  const settled = await inBatches(
    concerned.map((job) => job.name),
    (job) => askFor(client, job, action),
  );
  const failures = settled.flatMap(({ result }) => (result instanceof SuperviseError ? [result] : []));
  if (!context.json) tell(context, settled, action);
  const [first] = failures;
  if (first !== undefined) throw combined(first, failures, settled);
  if (context.json) printJson(context, { jobs: settled.map(({ result }) => result) });
  return 0;
}

async function askFor(client: SuperviseClient, job: string, action: JobAction): Promise<Settled> {
  try {
    return { job, result: await client.act(job, action.action, action.request) };
  } catch (error) {
    if (error instanceof SuperviseError) return { job, result: error };
    throw error;
  }
}

function tell(context: Context, settled: readonly Settled[], action: JobAction): void {
  if (settled.length === 0) printLine(context, `no job to ${action.action}`);
  for (const { job, result } of settled) {
    if (result instanceof SuperviseError) continue;
    const outcome = result.changed ? action.done : action.idle(result.job.phase);
    printLine(context, `${job}: ${outcome}`);
  }
}

function combined(
  first: SuperviseError,
  failures: readonly SuperviseError[],
  settled: readonly Settled[],
): SuperviseError {
  if (settled.length === 1) return first;
  const details = settled.map(({ job, result }) =>
    result instanceof SuperviseError
      ? { job, error: result.toBody() }
      : { job, changed: result.changed, phase: result.job.phase },
  );
  return new SuperviseError(first.code, failures.map((failure) => failure.message).join('; '), details);
}

async function inBatches<Result>(
  names: readonly string[],
  work: (name: string) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < names.length; start += CONCURRENCY) {
    results.push(...(await Promise.all(names.slice(start, start + CONCURRENCY).map(work))));
  }
  return results;
}
