/**
 * Lays what a job says over what `defaults` say: objects one level deep, `env` by key, everything else whole.
 * The built-in defaults are not its business, resolve.ts adds them last.
 */
import type { CheckedJob } from './file.ts';
import type { JobFields } from './job-shape.ts';
import { type Entry, entryOf } from './tree.ts';

/** A job together with what it inherits. */
export interface JobInFile {
  readonly job: CheckedJob;
  readonly defaults: CheckedJob | null;
  /** Job over defaults. */
  readonly fields: JobFields;
}

/** The fields that hold for the job. */
export function mergeFields(defaults: JobFields, job: JobFields): JobFields {
  return {
    ...defaults,
    ...job,
    env: new Map([...(defaults.env ?? []), ...(job.env ?? [])]),
    memory: { ...defaults.memory, ...job.memory },
    restart: { ...defaults.restart, ...job.restart },
    stop: { ...defaults.stop, ...job.stop },
    mailbox: { ...defaults.mailbox, ...job.mailbox },
    log: { ...defaults.log, ...job.log },
    limits: { ...defaults.limits, ...job.limits },
  };
}

/** Whether the value that holds for the job could not be read, wherever it stands. */
export function isBroken(inFile: JobInFile, key: keyof JobFields): boolean {
  if (inFile.job.broken.has(key)) return true;
  const isInherited = key === 'env' || inFile.job.fields[key] === undefined;
  return isInherited && (inFile.defaults?.broken.has(key) ?? false);
}

/** The entry that says what holds for the job. */
export function sayingEntry(inFile: JobInFile, key: keyof JobFields): Entry | undefined {
  const own = entryOf(inFile.job.node, inFile.job.path, key);
  return own ?? entryOf(inFile.defaults?.node, inFile.defaults?.path ?? [], key);
}
