/** Bodies of requests, checked: whoever speaks to the socket is this user, but may still be mistaken. */

import { constants } from 'node:os';
import type { SettingsChange } from '../../core/input.ts';
import { POLICY_NAMES, type PolicyName, type SupervisorSpec } from '../../core/job/spec.ts';
import { LIMITS } from '../../core/limits.ts';
import type { ActionRequest, SendRequest } from '../../wire/api.ts';
import { SuperviseError } from '../../wire/errors.ts';
import type { Exchange } from './http.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The JSON object in a body; an empty body is an empty object. */
export async function fieldsOf(exchange: Pick<Exchange, 'text'>): Promise<Fields> {
  const text = await exchange.text();
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  } catch {
    // Said below, with the same words.
  }
  throw new SuperviseError('SUPERVISE_USAGE', 'the request body has to be a JSON object');
}

export function actionRequest(fields: Fields): ActionRequest {
  const { signal, untilReady, timeoutMs } = fields;
  if (signal !== undefined && (typeof signal !== 'string' || !(signal in constants.signals))) {
    throw new SuperviseError('SUPERVISE_USAGE', `unknown signal ${JSON.stringify(signal)}`);
  }
  return {
    ...(signal === undefined ? {} : { signal }),
    untilReady: untilReady === true,
    ...(timeoutMs === undefined ? {} : { timeoutMs: milliseconds(timeoutMs, 'timeoutMs') }),
  };
}

export function sendRequest(fields: Fields): SendRequest {
  const { body, replyWithinMs } = fields;
  if (body === undefined) throw new SuperviseError('SUPERVISE_USAGE', 'the field body is missing');
  if (replyWithinMs === undefined) return { body };
  return { body, replyWithinMs: milliseconds(replyWithinMs, 'replyWithinMs') };
}

/** The configuration was checked by the client that read the file; only its outline is looked at again. */
export function configOf(fields: Fields): SupervisorSpec {
  const config = fields['config'] as Partial<SupervisorSpec> | undefined;
  if (typeof config?.name !== 'string' || typeof config.file !== 'string' || !Array.isArray(config.jobs)) {
    throw new SuperviseError('SUPERVISE_USAGE', 'the field config is not a checked jobs file');
  }
  if (config.jobs.length > LIMITS.jobsMax) throw new SuperviseError('SUPERVISE_USAGE', 'too many jobs');
  return config as SupervisorSpec;
}

/** Settings of the supervisor in `fields`; unknown ones are refused. */
export function settingsChange(fields: Fields): SettingsChange {
  const change: { -readonly [K in keyof SettingsChange]: SettingsChange[K] } = {};
  for (const [key, value] of Object.entries(fields)) {
    switch (key) {
      case 'workers':
        change.workers = integer(value, key, 1, LIMITS.workersMax);
        break;
      case 'policy':
        change.policy = policyName(value);
        break;
      case 'quantumMs':
        change.quantumMs = integer(value, key, LIMITS.quantumMinMs, LIMITS.quantumMaxMs);
        break;
      case 'agingMs':
        change.agingMs = value === null ? null : integer(value, key, 1, LIMITS.durationMaxMs);
        break;
      case 'job':
      case 'priority':
      case 'weight':
        break;
      default:
        throw new SuperviseError('SUPERVISE_BAD_SETTING', `unknown setting ${JSON.stringify(key)}`);
    }
  }
  return change;
}

/** A job's priority and weight in `fields`; null where absent. */
export function tuning(fields: Fields): { priority: number | null; weight: number | null } {
  const { priority, weight } = fields;
  return {
    priority:
      priority === undefined ? null : integer(priority, 'priority', LIMITS.priorityMin, LIMITS.priorityMax),
    weight: weight === undefined ? null : integer(weight, 'weight', 1, LIMITS.weightMax),
  };
}

function policyName(value: unknown): PolicyName {
  const known = POLICY_NAMES.find((name) => name === value);
  if (known !== undefined) return known;
  throw new SuperviseError(
    'SUPERVISE_BAD_SETTING',
    `policy: expected one of ${POLICY_NAMES.join(', ')}, found ${JSON.stringify(value)}`,
  );
}

function integer(value: unknown, name: string, low: number, high: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= low && value <= high) return value;
  throw new SuperviseError(
    'SUPERVISE_BAD_SETTING',
    `${name}: expected a whole number from ${low} to ${high}, found ${JSON.stringify(value)}`,
  );
}

function milliseconds(value: unknown, name: string): number {
  return integer(value, name, 0, LIMITS.durationMaxMs);
}
