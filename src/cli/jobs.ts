/**
 * Job names on the command line: each has to exist before anything is done. A name with replicas stands for
 * all of them.
 */
import { SuperviseError } from '../wire/errors.ts';

interface Named {
  readonly name: string;
}

/** The jobs that the names mean, in the order of the status and each once; no name means all. */
export async function selectJobs<Job extends Named>(
  jobs: readonly Job[],
  names: readonly string[],
): Promise<Job[]> {
  if (names.length === 0) return [...jobs];
  const known = new Set(jobs.map((job) => job.name));
  const chosen = new Set<string>();
  const unknown: string[] = [];
  for (const name of names) {
    const replicas = jobs.filter((job) => job.name.startsWith(`${name}:`)).map((job) => job.name);
    if (known.has(name)) chosen.add(name);
    else if (replicas.length > 0) for (const replica of replicas) chosen.add(replica);
    else unknown.push(name);
  }
  if (unknown.length > 0) throw await unknownJobs(unknown, [...known]);
  return jobs.filter((job) => chosen.has(job.name));
}

/** The one job that the name means. */
export async function selectJob<Job extends Named>(jobs: readonly Job[], name: string): Promise<Job> {
  const found = await selectJobs(jobs, [name]);
  const [job] = found;
  if (job !== undefined && found.length === 1) return job;
  const names = found.map((replica) => replica.name);
  throw new SuperviseError(
    'SUPERVISE_USAGE',
    `${name} has ${names.length} replicas: name one of ${names.join(', ')}`,
    names,
  );
}

async function unknownJobs(unknown: readonly string[], known: readonly string[]): Promise<SuperviseError> {
  const { nearestName } = await import('../config/nearest.ts');
  const sentences = unknown.map((name) => {
    const nearest = nearestName(name, known);
    return `no job is named ${JSON.stringify(name)}${nearest === null ? '' : `, did you mean ${nearest}?`}`;
  });
  return new SuperviseError('SUPERVISE_NO_JOB', sentences.join('; '), unknown);
}
