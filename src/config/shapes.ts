/**
 * Every key of a jobs file: what it may hold and what an editor says about it. Checking and the JSON Schema
 * both come from these definitions. They describe values one by one; what ties several keys together (cycles,
 * programs, high above max) is checked elsewhere.
 */
import * as z from 'zod';
import { POLICY_NAMES } from '../core/job/spec.ts';
import { LIMITS } from '../core/limits.ts';
import { DEFAULTS } from './defaults.ts';
import {
  alternatives,
  choiceField,
  durationField,
  durationOrOffField,
  integerField,
  nameField,
  objectField,
  sizeField,
} from './fields.ts';
import { jobShape } from './job-shape.ts';

/** Policies of the design that later versions bring. */
const LATER_POLICIES: ReadonlySet<unknown> = new Set(['fifo', 'fair', 'mlfq', 'lottery', 'shortest']);

export const JOB_EXPECTED = 'an object such as { "command": "node app.js" }';
export const ROOT_EXPECTED = 'an object such as { "jobs": { "app": { "command": "node app.js" } } }';

const nameKey = nameField({ description: 'Letters, digits, "_" and "-", up to 64; no dot, no blank.' });

const scheduleField = objectField(
  {
    policy: choiceField(
      POLICY_NAMES,
      { description: 'Which waiting job gets a free slot.', default: DEFAULTS.policy },
      (found) =>
        LATER_POLICIES.has(found) ? ` ("${found}" is known, but not available in this version)` : '',
    ).optional(),
    quantum: durationField(
      { minMs: LIMITS.quantumMinMs, maxMs: LIMITS.quantumMaxMs },
      { description: 'How long a job computes before another one gets its turn.', default: DEFAULTS.quantum },
    ).optional(),
    aging: durationOrOffField(
      { minMs: 1 },
      {
        description: 'A waiting job gains one level of priority for each such time.',
        default: DEFAULTS.aging,
      },
    ).optional(),
    blocking: choiceField(['yield', 'hold'], {
      description: 'Whether a job asleep in the kernel gives its slot up or holds it for the whole quantum.',
      default: DEFAULTS.blocking,
    }).optional(),
  },
  'an object with "policy", "quantum", "aging" or "blocking"',
  { description: 'How the worker slots are shared.' },
);

const memoryField = objectField(
  {
    budget: sizeField(
      { minBytes: LIMITS.memoryLimitMinBytes },
      { description: 'Memory all jobs may use together.', examples: ['2GB'] },
    ).optional(),
    sample: durationField(
      { minMs: LIMITS.sampleMinMs, maxMs: LIMITS.sampleMaxMs },
      { description: 'Longest time between two readings of a job.', default: DEFAULTS.sample },
    ).optional(),
  },
  'an object with "budget" or "sample"',
  { description: 'Memory of all jobs together.' },
);

/** One bulkhead. */
export const bulkheadField = objectField(
  {
    workers: integerField(1, LIMITS.workersMax, { description: 'Its own worker slots.' }).optional(),
    memory: sizeField(
      { minBytes: LIMITS.memoryLimitMinBytes },
      { description: 'Its own memory budget.', examples: ['512MB'] },
    ).optional(),
    strategy: choiceField(['one-for-one', 'one-for-all', 'rest-for-one'], {
      description: 'Which of its jobs are restarted when one of them fails.',
      default: 'one-for-one',
    }).optional(),
  },
  'an object with "workers", "memory" or "strategy"',
  { description: 'Jobs with their own slots, memory and restart intensity.' },
);

/** Keys of `defaults`: what a job may say, but for what only makes sense for one job. */
export const defaultsShape = leaveOut(jobShape, ['command', 'dependsOn']);

/** Keys at the top of the file; the last three are gone through entry by entry, see check.ts. */
export const rootShape = {
  $schema: z
    .string({ error: 'the address of a JSON Schema' })
    .meta({ description: 'For editors; not read.' })
    .optional(),
  name: nameField({ description: 'Name of this supervisor. Default: the name of the folder.' }).optional(),
  workers: integerField(1, LIMITS.workersMax, {
    description: 'How many jobs may compute at once. Default: one less than there are cores, at least 1.',
  }).optional(),
  schedule: scheduleField.optional(),
  memory: memoryField.optional(),
  defaults: objectField(defaultsShape, 'an object with keys of a job', {
    description:
      'What holds for every job that says nothing else. Any key of a job but command and dependsOn.',
  }).optional(),
  bulkheads: z
    .record(nameKey, bulkheadField, { error: 'an object with bulkheads by name' })
    .meta({ description: 'Compartments that failures do not leave.' })
    .optional(),
  jobs: z
    .record(nameKey, objectField(jobShape, JOB_EXPECTED, { description: 'One job.' }), {
      error: 'an object with jobs by name',
    })
    .meta({ description: 'The jobs by name.', minProperties: 1, maxProperties: LIMITS.jobsMax }),
};

/** The whole file. */
export const fileSchema = z.strictObject(rootShape).meta({
  title: 'jobs.json of supervise',
  description: `Comments and trailing commas are allowed. Durations are ${alternatives(['250ms', '5s', '1m'])} or plain milliseconds, sizes ${alternatives(['200MB', '200MiB'])} or plain bytes.`,
  // For editors that would mark what this file format allows.
  allowComments: true,
  allowTrailingCommas: true,
});

/** Names of bulkheads and jobs. */
export const nameSchema = nameKey;

function leaveOut<Shape extends object, Key extends keyof Shape>(
  shape: Shape,
  keys: readonly Key[],
): Omit<Shape, Key> {
  const rest = { ...shape };
  for (const key of keys) delete rest[key];
  return rest;
}
