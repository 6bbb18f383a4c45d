/**
 * Checks what ties the keys of one job together, defaults included: memory limits against each other, the
 * bulkhead, the user, and how many jobs the replicas make. Programs and folders are asked about in programs.ts.
 */
import { LIMITS } from '../core/limits.ts';
import type { CheckedFile, CheckedJob } from './file.ts';
import type { Filesystem } from './filesystem.ts';
import { isBroken, type JobInFile, mergeFields } from './inherit.ts';
import type { CheckInput } from './input.ts';
import { reportUnknownName } from './issues.ts';
import { nearestName } from './nearest.ts';
import { checkFolder, checkProgram } from './programs.ts';
import { sizeText } from './quantity.ts';
import { expectedAt, keyPlace, mistake, type Report, valuePlace } from './report.ts';
import { foundText } from './source.ts';
import { entryOf } from './tree.ts';

/** Checks `defaults` and all jobs. */
export function checkJobs(report: Report, file: CheckedFile, input: CheckInput): void {
  if (file.defaults !== null) {
    const defaults = { job: file.defaults, defaults: null, fields: file.defaults.fields };
    checkOwnKeys(report, file, defaults, input.filesystem);
    checkFolder(report, defaults, input);
  }
  for (const job of file.jobs) {
    const inFile = {
      job,
      defaults: file.defaults,
      fields: mergeFields(file.defaults?.fields ?? {}, job.fields),
    };
    checkOwnKeys(report, file, inFile, input.filesystem);
    checkProgram(report, inFile, input);
  }
  checkCount(report, file);
}

/** `defaults` are checked on their own, so a job is asked only for what it says itself. */
function checkOwnKeys(report: Report, file: CheckedFile, inFile: JobInFile, filesystem: Filesystem): void {
  checkMemory(report, inFile);
  checkBulkhead(report, file, inFile.job);
  checkUser(report, inFile.job, filesystem);
}

function checkMemory(report: Report, inFile: JobInFile): void {
  const { high, max } = inFile.fields.memory ?? {};
  const own = entryOf(inFile.job.node, inFile.job.path, 'memory');
  if (own === undefined || isBroken(inFile, 'memory')) return;
  if (high === undefined || max === undefined || high <= max) return;
  const highEntry = entryOf(own.node, own.path, 'high');
  if (highEntry !== undefined) {
    expectedAt(report, highEntry.node, highEntry.path, `at most ${sizeText(max)}, as memory.max says`);
    return;
  }
  const maxEntry = entryOf(own.node, own.path, 'max') ?? own;
  expectedAt(report, maxEntry.node, maxEntry.path, `at least ${sizeText(high)}, as memory.high says`);
}

function checkBulkhead(report: Report, file: CheckedFile, job: CheckedJob): void {
  const name = job.fields.bulkhead;
  const entry = entryOf(job.node, job.path, 'bulkhead');
  if (name === undefined || entry === undefined || file.bulkheads.has(name)) return;
  const place = valuePlace(entry.node, entry.path);
  const found = foundText(report.source, entry.node);
  reportUnknownName(report, place, 'bulkhead', found, nearestName(name, file.bulkheads));
}

/** Running the job with the rights of somebody else than asked for would be worse than not running it. */
function checkUser(report: Report, job: CheckedJob, filesystem: Filesystem): void {
  const user = job.fields.user;
  const entry = entryOf(job.node, job.path, 'user');
  if (user === undefined || entry === undefined || filesystem.isCurrentUser(user)) return;
  const current = JSON.stringify(filesystem.currentUser());
  const expected = `${current}, the user supervise runs as (this version can't run a job as another one)`;
  expectedAt(report, entry.node, entry.path, expected);
}

function checkCount(report: Report, file: CheckedFile): void {
  const fallback = file.defaults?.fields.replicas ?? 1;
  const count = file.jobs.reduce((sum, job) => sum + (job.fields.replicas ?? fallback), 0);
  const entry = entryOf(file.root, [], 'jobs');
  if (count <= LIMITS.jobsMax || entry === undefined) return;
  mistake(report, keyPlace(entry), `at most ${LIMITS.jobsMax} jobs, replicas included`, `${count}`);
}
