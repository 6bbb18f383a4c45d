/**
 * Every key of one job: what it may hold and what an editor says about it. See shapes.ts for the rest of the
 * file. Shorthands are expanded here (`"200MB"` becomes `{ max }`), so that nobody else meets them.
 */
import { constants } from 'node:os';
import * as z from 'zod';
import { LIMITS } from '../core/limits.ts';
import { DEFAULTS } from './defaults.ts';
import {
  choiceField,
  durationField,
  flagField,
  hasContent,
  integerField,
  nameField,
  numberField,
  objectField,
  shorthandField,
  sizeField,
  textField,
} from './fields.ts';
import { nearestName } from './nearest.ts';
import { commandField, healthField, readyField } from './probes.ts';

const BACKOFF_FACTOR_MAX = 1000;
const LOG_SIZE_MIN_BYTES = 1000;
const LOG_FILES_MAX = 1000;
const OPEN_FILES_MAX = 2 ** 30;
const RESTARTS_EXPECTED = `a whole number from 0 to ${LIMITS.intensityRestartsMax}, or "unlimited"`;

const policyField = choiceField(['always', 'on-failure', 'never'], {
  description: 'Which ends of a run are followed by another one.',
  default: DEFAULTS.restartPolicy,
});

const backoffField = objectField(
  {
    initial: durationField(
      {},
      { description: 'The first delay.', default: DEFAULTS.backoff.initial },
    ).optional(),
    factor: numberField(1, BACKOFF_FACTOR_MAX, {
      description: 'By how much each delay is longer than the one before.',
      default: DEFAULTS.backoff.factor,
    }).optional(),
    max: durationField({}, { description: 'The longest delay.', default: DEFAULTS.backoff.max }).optional(),
    jitter: numberField(0, 1, {
      description: 'Share of a delay by which it may be longer or shorter.',
      default: DEFAULTS.backoff.jitter,
    }).optional(),
  },
  'an object with "initial", "factor", "max" or "jitter"',
  { description: 'Delays before restarts.' },
);

const intensityField = objectField(
  {
    restarts: z
      .union(
        [
          z.literal('unlimited', { error: RESTARTS_EXPECTED }).transform(() => null),
          z
            .number({ error: RESTARTS_EXPECTED })
            .multipleOf(1, { error: RESTARTS_EXPECTED })
            .min(0, { error: RESTARTS_EXPECTED })
            .max(LIMITS.intensityRestartsMax, { error: RESTARTS_EXPECTED }),
        ],
        { error: RESTARTS_EXPECTED },
      )
      .meta({ description: 'How many restarts are too few to worry.', default: DEFAULTS.intensity.restarts })
      .optional(),
    within: durationField(
      { minMs: 1 },
      { description: 'The sliding period in which they are counted.', default: DEFAULTS.intensity.within },
    ).optional(),
  },
  'an object with "restarts" or "within"',
  { description: 'One restart more than these within the period quarantines the job.' },
);

const restartObject = objectField(
  {
    policy: policyField.optional(),
    backoff: backoffField.optional(),
    intensity: intensityField.optional(),
    stableAfter: durationField(
      {},
      { description: 'A run that lived this long forgives the backoff.', default: DEFAULTS.stableAfter },
    ).optional(),
    permanentExitCodes: z
      .array(integerField(0, 255, { description: 'An exit code.' }), { error: 'an array of exit codes' })
      .meta({
        description: 'Exit codes after which a restart is pointless.',
        default: DEFAULTS.permanentExitCodes,
      })
      .optional(),
  },
  'an object',
  { description: 'The policy and its details.' },
);

const restartField = shorthandField(
  policyField.transform((policy): z.output<typeof restartObject> => ({ policy })),
  restartObject,
  '"always", "on-failure", "never" or an object',
  { description: 'What follows the end of a run.', examples: ['on-failure', { policy: 'always' }] },
);

const limitField = (description: string) =>
  sizeField({ minBytes: LIMITS.memoryLimitMinBytes }, { description, examples: ['150MB', '200MiB'] });

const memoryObject = objectField(
  {
    high: limitField('Above this the job is told, by a message.').optional(),
    max: limitField('Above this the run is ended.').optional(),
  },
  'an object',
  { description: 'Both limits.' },
);

const memoryField = shorthandField(
  limitField('Same as `max`.').transform((max): z.output<typeof memoryObject> => ({ max })),
  memoryObject,
  'a size such as "200MB", or an object with "high" or "max"',
  {
    description: 'Memory limits of the job and all its processes.',
    examples: ['200MB', { high: '150MB', max: '200MB' }],
  },
);

const stopField = objectField(
  {
    signal: z
      .string({ error: 'the name of a signal such as "SIGTERM"' })
      .regex(/^SIG[A-Z0-9]+$/, { error: signalExpected })
      .refine((name) => Object.hasOwn(constants.signals, name), { error: signalExpected })
      .meta({
        description: 'What asks the job to end.',
        default: DEFAULTS.stop.signal,
        examples: ['SIGTERM', 'SIGINT'],
      })
      .optional(),
    grace: durationField(
      {},
      { description: 'Time until it is killed.', default: DEFAULTS.stop.grace },
    ).optional(),
  },
  'an object with "signal" or "grace"',
  { description: 'How the job is stopped.' },
);

const mailboxField = objectField(
  {
    capacity: integerField(1, LIMITS.mailboxCapacityMax, {
      description: 'Messages that may wait.',
      default: DEFAULTS.mailbox.capacity,
    }).optional(),
    overflow: choiceField(['block', 'reject', 'drop-oldest'], {
      description: 'What happens to a message for a full mailbox.',
      default: DEFAULTS.mailbox.overflow,
    }).optional(),
    onRestart: choiceField(['keep', 'dead-letter'], {
      description: 'What happens to messages that a run left behind.',
      default: DEFAULTS.mailbox.onRestart,
    }).optional(),
  },
  'an object with "capacity", "overflow" or "onRestart"',
  { description: 'Messages waiting for the job.' },
);

const logField = objectField(
  {
    maxSize: sizeField(
      { minBytes: LOG_SIZE_MIN_BYTES },
      { description: 'A file that is larger is put aside.', default: DEFAULTS.log.maxSize },
    ).optional(),
    files: integerField(1, LOG_FILES_MAX, {
      description: 'How many files are kept.',
      default: DEFAULTS.log.files,
    }).optional(),
  },
  'an object with "maxSize" or "files"',
  { description: 'What is kept of the output.' },
);

const limitsField = objectField(
  {
    data: sizeField(
      { minBytes: 1 },
      { description: 'Private memory (RLIMIT_DATA).', examples: ['1GB'] },
    ).optional(),
    openFiles: integerField(1, OPEN_FILES_MAX, { description: 'Open files (RLIMIT_NOFILE).' }).optional(),
    cpuTime: durationField(
      { minMs: 1000 },
      { description: 'CPU time of a run (RLIMIT_CPU).', examples: ['1h'] },
    ).optional(),
  },
  'an object with "data", "openFiles" or "cpuTime"',
  { description: 'Limits the kernel keeps.' },
);

/** Names and values of `env`; each entry is checked with these on its own. */
export const environmentKey = z
  .string()
  .refine(hasContent, { error: 'a name that is not empty' })
  .regex(/^[^=]*$/, { error: 'a name without "="' })
  .refine((name) => !name.includes('\0'), { error: 'a name without NUL' })
  .meta({ minLength: 1 });
export const environmentValue = z
  .string({ error: 'a text (numbers too are written in quotes)' })
  .refine((text) => !text.includes('\0'), { error: 'a text without NUL' });

/** Conditions of `dependsOn`. */
export const conditionField = choiceField(['started', 'ready', 'completed'], {
  description: 'What the other job has to have reached.',
});

export const ENVIRONMENT_EXPECTED = 'an object such as { "PORT": "8080" }';
export const DEPENDENCIES_EXPECTED = 'an object such as { "db": "ready" }';

/** The keys of a job, in the order in which editors list them. */
export const jobShape = {
  command: commandField({
    description:
      'The program and its arguments. A text is split into words, never given to a shell unless `shell` is true.',
    examples: ['node api.js --port 8080', ['node', 'api.js']],
  }),
  shell: flagField({ description: 'Give the text to /bin/sh.', default: DEFAULTS.shell }).optional(),
  cwd: textField('the path of a folder', {
    description: 'Working folder, relative to the folder of this file.',
    default: DEFAULTS.cwd,
  }).optional(),
  env: z
    .record(environmentKey, environmentValue, { error: ENVIRONMENT_EXPECTED })
    .meta({ description: 'Environment variables.', examples: [{ PORT: '8080' }] })
    .optional(),
  inheritEnv: flagField({
    description: 'Start from the environment of the `start` that brought the daemon up.',
    default: DEFAULTS.inheritEnv,
  }).optional(),
  replicas: integerField(1, LIMITS.replicasMax, {
    description: 'Above 1 this makes several jobs: name:0, name:1, ….',
    default: DEFAULTS.replicas,
  }).optional(),
  dependsOn: z
    .record(nameField({ description: 'A job.' }), conditionField, { error: DEPENDENCIES_EXPECTED })
    .meta({ description: 'Jobs that have to have reached something first.', examples: [{ db: 'ready' }] })
    .optional(),
  ready: readyField.optional(),
  health: healthField.optional(),
  memory: memoryField.optional(),
  priority: integerField(LIMITS.priorityMin, LIMITS.priorityMax, {
    description: 'Higher runs first.',
    default: DEFAULTS.priority,
  }).optional(),
  weight: integerField(1, LIMITS.weightMax, {
    description: 'Share of the CPU among equals.',
    default: DEFAULTS.weight,
  }).optional(),
  bulkhead: nameField({ description: 'The bulkhead the job belongs to.' }).optional(),
  preempt: flagField({
    description: 'False: once dispatched, it is not suspended until it ends.',
    default: DEFAULTS.preempt,
  }).optional(),
  restart: restartField.optional(),
  stop: stopField.optional(),
  mailbox: mailboxField.optional(),
  log: logField.optional(),
  limits: limitsField.optional(),
  nice: integerField(-20, 19, { description: 'Niceness of its processes.' }).optional(),
  user: textField('the name of a user', { description: 'The user it runs as.' }).optional(),
};

/** Other notations of a signal are answered with the right one. */
function signalExpected(issue: { readonly input?: unknown }): string {
  const written = String(issue.input);
  const names = Object.keys(constants.signals);
  const completed = `SIG${written.toUpperCase()}`;
  const likely = names.includes(completed) ? completed : nearestName(written, names);
  return `the name of a signal such as "${likely ?? DEFAULTS.stop.signal}"`;
}

/** What a job says, shorthands expanded, keys it does not name left out. */
export type JobFields = {
  readonly [Key in Exclude<keyof typeof jobShape, 'env' | 'dependsOn'>]?:
    | z.output<(typeof jobShape)[Key]>
    | undefined;
} & {
  readonly env?: ReadonlyMap<string, string> | undefined;
  readonly dependsOn?: ReadonlyMap<string, z.output<typeof conditionField>> | undefined;
};
