/**
 * Reads the tree of a jobs file with the shapes: unknown and missing keys, names, values one by one. What comes
 * out is what the file says, with a note of what could not be read; nothing is filled in or compared yet.
 */
import { Buffer } from 'node:buffer';
import type { Node } from 'jsonc-parser';
import type * as z from 'zod';
import { LIMITS } from '../core/limits.ts';
import { readValue, reportUnknownKey } from './issues.ts';
import {
  conditionField,
  DEPENDENCIES_EXPECTED,
  ENVIRONMENT_EXPECTED,
  environmentKey,
  environmentValue,
  type JobFields,
  jobShape,
} from './job-shape.ts';
import { nearestName } from './nearest.ts';
import { expectedAt, keyPlace, keyText, mistake, type Place, type Report } from './report.ts';
import {
  bulkheadField,
  defaultsShape,
  JOB_EXPECTED,
  nameSchema,
  ROOT_EXPECTED,
  rootShape,
} from './shapes.ts';
import { type Entry, entriesOf, type Path } from './tree.ts';

/** One job, or `defaults`, as the file has it. */
export interface CheckedJob {
  readonly name: string;
  readonly node: Node;
  readonly path: Path;
  readonly fields: JobFields;
  /** Keys whose value could not be read. */
  readonly broken: ReadonlySet<string>;
}

type RootFields = {
  readonly [Key in 'name' | 'workers' | 'schedule' | 'memory']?: z.output<(typeof rootShape)[Key]>;
};

/** A jobs file as it stands. */
export interface CheckedFile extends RootFields {
  readonly root: Node;
  readonly defaults: CheckedJob | null;
  readonly bulkheads: ReadonlySet<string>;
  readonly jobs: readonly CheckedJob[];
  /** Also of jobs that could not be read. */
  readonly jobNames: ReadonlySet<string>;
}

const JOBS_EXPECTED = 'an object with jobs by name';

/** Keys whose entries are gone through one by one. */
const ENTRYWISE: ReadonlySet<string> = new Set(['defaults', 'bulkheads', 'jobs']);

/** Null when there is nothing to go on with. */
export function readFile(report: Report, root: Node): CheckedFile | null {
  if (root.type !== 'object') {
    expectedAt(report, root, [], ROOT_EXPECTED);
    return null;
  }
  const fields: Record<string, unknown> = {};
  for (const entry of entriesOf(root, [])) {
    if (!Object.hasOwn(rootShape, entry.key)) reportUnknownKey(report, entry, Object.keys(rootShape));
    else if (!ENTRYWISE.has(entry.key)) {
      fields[entry.key] = readValue(report, entry.node, entry.path, schemaOf(rootShape, entry.key));
    }
  }
  return {
    ...(fields as RootFields),
    root,
    defaults:
      entriesNamed(root, 'defaults')
        .map((entry) => readDefaults(report, entry))
        .at(-1) ?? null,
    bulkheads: readBulkheads(report, root),
    jobs: readJobs(report, root),
    jobNames: new Set(
      entriesNamed(root, 'jobs').flatMap((entry) => entriesOf(entry.node, []).map((job) => job.key)),
    ),
  };
}

/** All of them, should the key be there more than once: each is checked, the last one counts. */
function entriesNamed(root: Node, key: string): Entry[] {
  return entriesOf(root, []).filter((entry) => entry.key === key);
}

function readJobs(report: Report, root: Node): CheckedJob[] {
  const jobs: CheckedJob[] = [];
  for (const entry of entriesNamed(root, 'jobs')) {
    const entries = entriesOf(entry.node, entry.path);
    if (entry.node.type !== 'object') expectedAt(report, entry.node, entry.path, JOBS_EXPECTED);
    else if (entries.length === 0) expectedAt(report, entry.node, entry.path, 'at least one job');
    for (const job of entries) {
      const read = readJob(report, job);
      if (read !== null) jobs.push(read);
    }
  }
  reportMissing(report, root, { offset: root.offset, length: 1, path: ['jobs'] }, 'jobs', JOBS_EXPECTED);
  return jobs;
}

/** Not if one of the keys is a slip for it: that one is reported as unknown, with the right key. */
function reportMissing(report: Report, owner: Node, place: Place, key: string, expected: string): void {
  const isThere = (entry: Entry) => entry.key === key || nearestName(entry.key, [key]) !== null;
  if (!entriesOf(owner, []).some(isThere)) mistake(report, place, expected, 'nothing');
}

function readJob(report: Report, entry: Entry): CheckedJob | null {
  checkName(report, entry);
  if (entry.node.type !== 'object') {
    expectedAt(report, entry.node, entry.path, JOB_EXPECTED);
    return null;
  }
  const place = { ...keyPlace(entry), path: [...entry.path, 'command'] };
  reportMissing(report, entry.node, place, 'command', 'a command');
  return { name: entry.key, node: entry.node, path: entry.path, ...readFields(report, entry, jobShape) };
}

function readDefaults(report: Report, entry: Entry): CheckedJob | null {
  if (entry.node.type !== 'object') {
    expectedAt(report, entry.node, entry.path, 'an object with keys of a job');
    return null;
  }
  return { name: '', node: entry.node, path: entry.path, ...readFields(report, entry, defaultsShape) };
}

function readFields(
  report: Report,
  owner: Entry,
  shape: z.ZodRawShape,
): Pick<CheckedJob, 'fields' | 'broken'> {
  const fields: Record<string, unknown> = {};
  const broken = new Set<string>();
  for (const entry of entriesOf(owner.node, owner.path)) {
    if (!Object.hasOwn(shape, entry.key)) {
      reportUnknownJobKey(report, entry, Object.keys(shape));
      continue;
    }
    const value = readField(report, entry, schemaOf(shape, entry.key));
    if (value === undefined) broken.add(entry.key);
    else fields[entry.key] = value;
  }
  return { fields: fields as JobFields, broken };
}

function reportUnknownJobKey(report: Report, entry: Entry, known: readonly string[]): void {
  if (!Object.hasOwn(jobShape, entry.key)) reportUnknownKey(report, entry, known);
  else mistake(report, keyPlace(entry), 'each job to name its own', keyText(report, entry));
}

function readField(report: Report, entry: Entry, schema: z.ZodType): unknown {
  // Objects keyed by names of the user are read in the order of the file, into a Map.
  if (entry.key === 'env') return readEnvironment(report, entry);
  if (entry.key === 'dependsOn') return readDependencies(report, entry);
  return readValue(report, entry.node, entry.path, schema);
}

function readEnvironment(report: Report, owner: Entry): ReadonlyMap<string, string> | undefined {
  if (owner.node.type !== 'object') {
    mistake(report, keyPlace(owner), ENVIRONMENT_EXPECTED, kindText(owner.node));
    return undefined;
  }
  const environment = new Map<string, string>();
  let isBroken = false;
  for (const entry of entriesOf(owner.node, owner.path)) {
    const key = environmentKey.safeParse(entry.key);
    if (!key.success) mistake(report, keyPlace(entry), messageOf(key.error), keyText(report, entry));
    const value = environmentValue.safeParse(entry.node.value);
    // Never what stands there: values of the environment are nobody's to see.
    if (!value.success) mistake(report, keyPlace(entry), messageOf(value.error), kindText(entry.node));
    else if (key.success && checkEntryLength(report, entry, value.data))
      environment.set(key.data, value.data);
    isBroken ||= !environment.has(entry.key);
  }
  return isBroken ? undefined : environment;
}

/** For exec, `KEY=VALUE` is a text like an argument, with the same limit. */
function checkEntryLength(report: Report, entry: Entry, value: string): boolean {
  const bytes = Buffer.byteLength(entry.key) + Buffer.byteLength(value) + '=\0'.length;
  if (bytes <= LIMITS.argumentMaxBytes) return true;
  const expected = `at most ${LIMITS.argumentMaxBytes} bytes for name and value`;
  mistake(report, keyPlace(entry), expected, `${bytes} bytes`);
  return false;
}

function readDependencies(report: Report, owner: Entry): JobFields['dependsOn'] {
  if (owner.node.type !== 'object') {
    expectedAt(report, owner.node, owner.path, DEPENDENCIES_EXPECTED);
    return undefined;
  }
  const dependencies = new Map<string, z.output<typeof conditionField>>();
  for (const entry of entriesOf(owner.node, owner.path)) {
    const condition = readValue(report, entry.node, entry.path, conditionField);
    if (condition !== undefined) dependencies.set(entry.key, condition);
  }
  return dependencies;
}

function readBulkheads(report: Report, root: Node): ReadonlySet<string> {
  const names = new Set<string>();
  for (const owner of entriesNamed(root, 'bulkheads')) {
    if (owner.node.type !== 'object') {
      expectedAt(report, owner.node, owner.path, 'an object with bulkheads by name');
    }
    for (const entry of entriesOf(owner.node, owner.path)) {
      checkName(report, entry);
      readValue(report, entry.node, entry.path, bulkheadField);
      names.add(entry.key);
    }
  }
  return names;
}

function checkName(report: Report, entry: Entry): void {
  const name = nameSchema.safeParse(entry.key);
  if (!name.success) mistake(report, keyPlace(entry), messageOf(name.error), keyText(report, entry));
}

function schemaOf(shape: z.ZodRawShape, key: string): z.ZodType {
  const schema = shape[key];
  if (schema === undefined) throw new Error(`no schema for ${key}`);
  return schema as z.ZodType;
}

function messageOf(error: z.ZodError): string {
  return error.issues[0]?.message ?? '';
}

function kindText(node: Node): string {
  if (node.type === 'null') return 'null';
  if (node.type === 'string') return 'a text with NUL';
  return node.type === 'array' || node.type === 'object' ? `an ${node.type}` : `a ${node.type}`;
}
