/** The routes of the control interface. Each handler translates and answers; deciding is the core's. */
import { LIMITS } from '../../core/limits.ts';
import { ACTIONS, type Action, type ShutdownResult } from '../../wire/api.ts';
import { SuperviseError } from '../../wire/errors.ts';
import type { Daemon } from '../daemon.ts';
import type { LogStream } from '../os/log-file.ts';
import { act, existingJob } from './actions.ts';
import type { Answer, Exchange, Route } from './http.ts';
import { actionRequest, configOf, fieldsOf, sendRequest, settingsChange, tuning } from './requests.ts';
import type { StatusDesk } from './status.ts';
import { streamAttachment, streamEvents, streamLog } from './streams.ts';

const ROOT = '/api/v1';

/** The routes over one daemon. */
export function routesOf(daemon: Daemon, desk: StatusDesk): readonly Route[] {
  const get = (path: string, handle: Route['handle']): Route => ({
    method: 'GET',
    path: ROOT + path,
    handle,
  });
  const post = (path: string, handle: Route['handle']): Route => ({
    method: 'POST',
    path: ROOT + path,
    handle,
  });
  return [
    get('/status', () => json(desk.status())),
    get('/jobs/:name', (exchange) => json(desk.detail(exchange.param('name')))),
    get('/jobs/:name/log', (exchange) => log(exchange, daemon, exchange.param('name'))),
    get('/events', (exchange) => events(exchange, daemon)),
    get('/attach', () => streamAttachment(daemon)),
    post('/jobs', (exchange) => apply(exchange, daemon)),
    post('/jobs/:name/messages', (exchange) => send(exchange, daemon, exchange.param('name'))),
    post('/jobs/:name/:action', async (exchange) => {
      const action = actionOf(exchange.param('action'));
      const request = actionRequest(await fieldsOf(exchange));
      return json(await act(daemon, exchange.param('name'), action, request));
    }),
    post('/schedule', async (exchange) => {
      setSchedule(daemon, await fieldsOf(exchange));
      return json(desk.supervisor());
    }),
    post('/shutdown', async (exchange) => {
      const { now } = await fieldsOf(exchange);
      return json(await shutDown(daemon, now === true));
    }),
  ];
}

function json(value: unknown): Answer {
  return { json: value };
}

function actionOf(text: string): Action {
  const action = ACTIONS.find((known) => known === text);
  if (action === undefined)
    throw new SuperviseError('SUPERVISE_USAGE', `unknown action ${JSON.stringify(text)}`);
  return action;
}

async function apply(exchange: Exchange, daemon: Daemon): Promise<Answer> {
  const config = configOf(await fieldsOf(exchange));
  if (daemon.loop.state().stopRequestedAtMs !== null)
    throw new SuperviseError('SUPERVISE_STOPPING', 'the supervisor is stopping');
  const { file } = daemon.config();
  if (config.file !== file) {
    throw new SuperviseError(
      'SUPERVISE_OTHER_FILE',
      `the supervisor ${config.name} runs ${file}, not ${config.file}`,
    );
  }
  return json(daemon.apply(config));
}

async function send(exchange: Exchange, daemon: Daemon, name: string): Promise<Answer> {
  const { body, replyWithinMs } = sendRequest(await fieldsOf(exchange));
  if (!daemon.hasAddress(name)) existingJob(daemon.loop.state(), name);
  const result = await daemon.messages.desk.send(name, JSON.stringify(body), replyWithinMs ?? null);
  if (result === null) throw new SuperviseError('SUPERVISE_TIMEOUT', `${name} did not answer in time`);
  return json(result);
}

function setSchedule(daemon: Daemon, fields: Readonly<Record<string, unknown>>): void {
  const settings = settingsChange(fields);
  const { priority, weight } = tuning(fields);
  const { job } = fields;
  if (job !== undefined) existingJob(daemon.loop.state(), String(job));
  else if (priority !== null || weight !== null)
    throw new SuperviseError('SUPERVISE_BAD_SETTING', 'priority and weight belong to a job: job:NAME');
  if (Object.keys(settings).length > 0) daemon.loop.post({ type: 'operator.set', settings });
  if (job !== undefined) daemon.loop.post({ type: 'operator.set-job', job: String(job), priority, weight });
}

async function shutDown(daemon: Daemon, now: boolean): Promise<ShutdownResult> {
  daemon.loop.post({ type: 'operator.shutdown', now });
  return await daemon.ended;
}

function events(exchange: Exchange, daemon: Daemon): Answer {
  const jobs = exchange.queries('job');
  return streamEvents(daemon, {
    follow: isSet(exchange, 'follow'),
    sinceWall: numberOf(exchange, 'since'),
    jobs: jobs.length === 0 ? null : new Set(jobs),
    lastEventId: exchange.header('Last-Event-ID') ?? exchange.query('after'),
    asServerSentEvents: (exchange.header('Accept') ?? '').includes('text/event-stream'),
  });
}

function log(exchange: Exchange, daemon: Daemon, name: string): Answer {
  existingJob(daemon.loop.state(), name);
  const stream = exchange.query('stream') as LogStream | null;
  const sinceWall = numberOf(exchange, 'since');
  const lines =
    numberOf(exchange, 'lines') ?? (sinceWall === null ? LIMITS.logTailLines : LIMITS.logTailMaxLines);
  return streamLog(daemon, name, {
    lines: Math.min(lines, LIMITS.logTailMaxLines),
    sinceWall,
    follow: isSet(exchange, 'follow'),
    streams: stream === null ? null : new Set([stream]),
  });
}

function isSet(exchange: Exchange, name: string): boolean {
  const value = exchange.query(name);
  return value !== null && value !== '0' && value !== 'false';
}

function numberOf(exchange: Exchange, name: string): number | null {
  const text = exchange.query(name);
  if (text === null) return null;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new SuperviseError(
    'SUPERVISE_USAGE',
    `${name}: expected a whole number, found ${JSON.stringify(text)}`,
  );
}
