/** The routes of the control interface. Each handler translates and answers; deciding is the core's. */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { LIMITS } from '../../core/limits.ts';
import { ACTIONS, type Action, type ShutdownResult } from '../../wire/api.ts';
import { SuperviseError } from '../../wire/errors.ts';
import type { Daemon } from '../daemon.ts';
import type { LogStream } from '../os/log-file.ts';
import { act, existingJob } from './actions.ts';
import { errorAnswer } from './errors.ts';
import { actionRequest, configOf, fieldsOf, sendRequest, settingsChange, tuning } from './requests.ts';
import type { StatusDesk } from './status.ts';
import { streamAttachment, streamEvents, streamLog } from './streams.ts';

/** The app over one daemon. */
export function createApp(daemon: Daemon, desk: StatusDesk): Hono {
  const app = new Hono().basePath('/api/v1');
  app.onError((error, context) => errorAnswer(context, error));
  app.notFound((context) =>
    errorAnswer(
      context,
      new SuperviseError('SUPERVISE_USAGE', `no route ${context.req.method} ${context.req.path}`),
    ),
  );
  app.use(bodyLimit({ maxSize: LIMITS.requestMaxBytes, onError: () => tooLarge() }));
  app.get('/status', (context) => context.json(desk.status()));
  app.get('/jobs/:name', (context) => context.json(desk.detail(context.req.param('name'))));
  app.get('/jobs/:name/log', (context) => log(context, daemon, context.req.param('name')));
  app.post('/jobs', (context) => apply(context, daemon));
  app.post('/jobs/:name/messages', (context) => send(context, daemon, context.req.param('name')));
  app.post('/jobs/:name/:action', async (context) => {
    const action = actionOf(context.req.param('action'));
    const request = actionRequest(await fieldsOf(context));
    return context.json(await act(daemon, context.req.param('name'), action, request));
  });
  app.post('/schedule', async (context) => {
    setSchedule(daemon, await fieldsOf(context));
    return context.json(desk.supervisor());
  });
  app.get('/events', (context) => events(context, daemon));
  app.get('/attach', (context) => streamAttachment(context, daemon));
  app.post('/shutdown', async (context) => {
    const { now } = await fieldsOf(context);
    return context.json(await shutDown(daemon, now === true));
  });
  return app;
}

function tooLarge(): never {
  throw new SuperviseError(
    'SUPERVISE_TOO_LARGE',
    `a request may have at most ${LIMITS.requestMaxBytes} bytes`,
  );
}

function actionOf(text: string): Action {
  const action = ACTIONS.find((known) => known === text);
  if (action === undefined)
    throw new SuperviseError('SUPERVISE_USAGE', `unknown action ${JSON.stringify(text)}`);
  return action;
}

async function apply(context: Context, daemon: Daemon): Promise<Response> {
  const config = configOf(await fieldsOf(context));
  if (daemon.loop.state().stopRequestedAtMs !== null)
    throw new SuperviseError('SUPERVISE_STOPPING', 'the supervisor is stopping');
  const { file } = daemon.config();
  if (config.file !== file) {
    throw new SuperviseError(
      'SUPERVISE_OTHER_FILE',
      `the supervisor ${config.name} runs ${file}, not ${config.file}`,
    );
  }
  return context.json(daemon.apply(config));
}

async function send(context: Context, daemon: Daemon, name: string): Promise<Response> {
  const { body, replyWithinMs } = sendRequest(await fieldsOf(context));
  if (!daemon.hasAddress(name)) existingJob(daemon.loop.state(), name);
  const result = await daemon.messages.desk.send(name, JSON.stringify(body), replyWithinMs ?? null);
  if (result === null) throw new SuperviseError('SUPERVISE_TIMEOUT', `${name} did not answer in time`);
  return context.json(result);
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

function events(context: Context, daemon: Daemon): Response {
  const jobs = context.req.queries('job');
  return streamEvents(context, daemon, {
    follow: isSet(context, 'follow'),
    sinceWall: numberOf(context, 'since'),
    jobs: jobs === undefined ? null : new Set(jobs),
    lastEventId: context.req.header('Last-Event-ID') ?? context.req.query('after') ?? null,
    asServerSentEvents: (context.req.header('Accept') ?? '').includes('text/event-stream'),
  });
}

function log(context: Context, daemon: Daemon, name: string): Response {
  existingJob(daemon.loop.state(), name);
  const stream = context.req.query('stream') as LogStream | undefined;
  const sinceWall = numberOf(context, 'since');
  const lines =
    numberOf(context, 'lines') ?? (sinceWall === null ? LIMITS.logTailLines : LIMITS.logTailMaxLines);
  return streamLog(context, daemon, name, {
    lines: Math.min(lines, LIMITS.logTailMaxLines),
    sinceWall,
    follow: isSet(context, 'follow'),
    streams: stream === undefined ? null : new Set([stream]),
  });
}

function isSet(context: Context, name: string): boolean {
  const value = context.req.query(name);
  return value !== undefined && value !== '0' && value !== 'false';
}

function numberOf(context: Context, name: string): number | null {
  const text = context.req.query(name);
  if (text === undefined) return null;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new SuperviseError(
    'SUPERVISE_USAGE',
    `${name}: expected a whole number, found ${JSON.stringify(text)}`,
  );
}
