/**
 * Shapes of the checks a job can be asked to pass: `ready` and `health`. This version acts on few of them, but
 * a file that names them is checked in full, so that it stays right when they arrive.
 */
import * as z from 'zod';
import { readCommand } from './commands.ts';
import { DEFAULTS } from './defaults.ts';
import {
  alternatives,
  choiceField,
  durationField,
  hasContent,
  integerField,
  objectField,
  shorthandField,
  textField,
} from './fields.ts';

const FAILURES_MAX = 1000;

const timing = {
  interval: durationField(
    { minMs: 1 },
    { description: 'Time between two checks.', examples: ['1s'] },
  ).optional(),
  timeout: durationField(
    { minMs: 1 },
    { description: 'Time after which a check has failed.', examples: ['1s'] },
  ).optional(),
  failures: integerField(1, FAILURES_MAX, {
    description: 'Failed checks in a row that count.',
    examples: [3],
  }).optional(),
};

const probes = {
  http: textField('an address such as "http://127.0.0.1:8080/health"', {
    description: 'An address that has to answer with a status from 200 to 399.',
    examples: ['http://127.0.0.1:8080/health'],
  })
    .refine(isHttpAddress, { error: 'an address such as "http://127.0.0.1:8080/health"' })
    .optional(),
  tcp: textField('a host and port such as "127.0.0.1:8080"', {
    description: 'A host and port that has to accept a connection.',
    examples: ['127.0.0.1:8080'],
  })
    .refine(isHostAndPort, { error: 'a host and port such as "127.0.0.1:8080"' })
    .optional(),
  exec: commandField({
    description: 'A command that has to end with 0; a text is split into words, never given to a shell.',
    examples: ['./check.sh --fast', ['./check.sh', '--fast']],
  })
    .superRefine((command, context) => {
      const read = readCommand(command, false);
      for (const fault of read.ok ? [] : read.faults) {
        const path = fault.index === null || typeof command === 'string' ? [] : [fault.index];
        context.addIssue({ code: 'custom', message: fault.expected, params: { found: fault.found }, path });
      }
    })
    .optional(),
};

const log = textField('a text to wait for', {
  description: 'A text that has to appear in the output.',
  examples: ['listening on'],
}).optional();

const heartbeat = durationField(
  { minMs: 1 },
  { description: 'The longest time between two heartbeat messages, in the running time of the job.' },
).optional();

const READY_KINDS = ['http', 'tcp', 'exec', 'log'] as const;
const HEALTH_KINDS = ['heartbeat', 'http', 'tcp', 'exec'] as const;

/** `ready`: a word, or what has to succeed. */
export const readyField = shorthandField(
  choiceField(['spawned', 'message'], {
    description: 'As soon as it runs, or when it sends {"type":"ready"}.',
  }),
  objectField({ ...probes, log, ...timing }, 'an object', {
    description: 'What has to succeed first.',
  }).superRefine((probe, context) => {
    const kinds = READY_KINDS.filter((kind) => probe[kind] !== undefined);
    if (kinds.length === 1) return;
    const found = kinds.length === 0 ? 'none of them' : kinds.map((kind) => `"${kind}"`).join(' and ');
    context.addIssue({ code: 'custom', message: `one of ${alternatives(READY_KINDS)}`, params: { found } });
  }),
  `"spawned", "message" or an object with ${alternatives(READY_KINDS)}`,
  { description: 'When the job counts as ready.', default: DEFAULTS.ready, examples: ['message'] },
);

/** `health`: signs of life while it runs. */
export const healthField = objectField(
  { heartbeat, ...probes, ...timing },
  `an object with ${alternatives(HEALTH_KINDS)}`,
  { description: 'Signs of life a running job has to give.', examples: [{ heartbeat: '5s' }] },
).superRefine((health, context) => {
  if (HEALTH_KINDS.some((kind) => health[kind] !== undefined)) return;
  const message = `at least one of ${alternatives(HEALTH_KINDS)}`;
  context.addIssue({ code: 'custom', message, params: { found: 'none of them' } });
});

/** A line to split into words, or the words. What they hold is checked by `readCommand`. */
export function commandField(notes: { readonly description: string; readonly examples: readonly unknown[] }) {
  const expected = 'a command line or an array of texts';
  const words = z
    .array(z.string({ error: 'a text' }), { error: expected })
    .refine(hasContent, { error: 'at least one text' })
    .meta({ minItems: 1 });
  return z.union([z.string({ error: expected }), words], { error: expected }).meta({ ...notes });
}

function isHttpAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

function isHostAndPort(text: string): boolean {
  const match = /^(?:[^\s:/]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/.exec(text);
  const port = Number(match?.[1]);
  return port >= 1 && port <= 65_535;
}
