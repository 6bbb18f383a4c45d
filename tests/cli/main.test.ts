import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Action } from '../../src/wire/api.ts';
import { type Asked, type Reply, type Routes, type TempHome, tempHome } from './support/fake-daemon.ts';
import { demoStatus, eventRecord, jobDetail, jobStatus, NOON } from './support/fixtures.ts';
import { runCli, type Surroundings } from './support/run-cli.ts';

let home: TempHome;
beforeEach(() => {
  home = tempHome();
});
afterEach(() => home.remove());

const status = { 'GET status': { json: demoStatus() } };
const start = (routes: Routes = {}) => home.start('demo', { ...status, ...routes });
const run = (line: string, surroundings: Partial<Surroundings> = {}) =>
  runCli(line.split(' '), { env: home.env, ...surroundings });
const acted = (name: string, changed = true) => ({ json: { job: jobStatus(name), changed } });

describe('usage', () => {
  it.each([
    ['nope', "error: unknown command 'nope'\n  supervise --help lists the commands\n"],
    [
      'stauts',
      "error: unknown command 'stauts' (Did you mean status?)\n  supervise --help lists the commands\n",
    ],
    [
      'status --wach',
      "error: unknown option '--wach' (Did you mean --watch?)\n  supervise --help lists the commands\n",
    ],
    ['explain', "error: missing required argument 'job'\n  supervise --help lists the commands\n"],
    [
      'set workers',
      'error: "workers" is no setting, expected KEY=VALUE\n  supervise --help lists the commands\n',
    ],
    [
      'set wrkers=2',
      'error: unknown setting "wrkers", did you mean workers?\n  supervise --help lists the commands\n',
    ],
    [
      'set priority=2',
      'error: priority belongs to a job: put job:NAME before it\n  supervise --help lists the commands\n',
    ],
    ['set workers=two', 'error: workers: expected a whole number, found "two"\n'],
    [
      'signal HUPP api',
      'error: no signal is named "HUPP", did you mean SIGHUP?\n  supervise --help lists the commands\n',
    ],
    ['top', "error: unknown command 'top' (Did you mean stop?)\n  supervise --help lists the commands\n"],
    [
      '--name ../up status',
      'error: "../up" can\'t be the name of a supervisor: letters, digits, - and _ only, at most 64\n  supervise --help lists the commands\n',
    ],
  ])('%s exits 2', async (line, stderr) => {
    expect(await run(line)).toEqual({ exitCode: 2, stdout: '', stderr });
  });

  it('no command exits 2', async () => {
    const outcome = await runCli([], { env: home.env });
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome.stderr).toContain('a command is missing');
  });

  it.each([
    'start',
    'run',
    'status',
    'logs',
    'stop',
    'restart',
    'suspend',
    'resume',
    'signal',
    'set',
    'send',
    'events',
    'explain',
    'check',
    'list',
    'schema',
  ])('%s --help has an example and needs no daemon', async (verb) => {
    const { exitCode, stdout } = await run(`${verb} --help`);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Usage: supervise ${verb}`);
    expect(stdout).toMatch(new RegExp(`Examples?:\\n  supervise ${verb}`));
    expect((await run(`help ${verb}`)).stdout).toBe(stdout);
  });

  it('a usage error is JSON too when asked for', async () => {
    const { exitCode, stdout, stderr } = await run('nope --json');
    expect([exitCode, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'SUPERVISE_USAGE',
        message: "unknown command 'nope'",
        hint: 'supervise --help lists the commands',
      },
    });
  });
});

describe('status', () => {
  it('without a daemon exits 3 and says how to start one', async () => {
    expect(await run('status')).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'error: no supervisor is running\n  supervise start jobs.json starts one\n',
    });
  });

  it('--json is one document, on failure too', async () => {
    await start();
    expect(JSON.parse((await run('status --json')).stdout)).toEqual(demoStatus());
    const { exitCode, stdout, stderr } = await run('status --json apj');
    expect([exitCode, stderr]).toEqual([4, '']);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'SUPERVISE_NO_JOB',
        message: 'no job is named "apj", did you mean api?',
        hint: 'supervise status lists the jobs',
        details: ['apj'],
      },
    });
  });

  it('shows the named jobs, quick path and long path alike', async () => {
    await start();
    const quick = await run('ps web api');
    const long = await run('ps web api --name demo');
    expect(quick).toEqual(long);
    expect(
      quick.stdout
        .split('\n')
        .slice(3)
        .map((line) => line.split(' ')[0]),
    ).toEqual(['api', 'web', '']);
  });

  it('colours on a terminal only, and not with NO_COLOR', async () => {
    await start();
    const colored = await run('status', { isTerminal: true, columns: 80 });
    expect(colored.stdout).toContain('\u001b[32m');
    const plain = [
      await run('status'),
      await run('status --no-color', { isTerminal: true, columns: 80 }),
      await run('status', { isTerminal: true, columns: 80, env: { ...home.env, NO_COLOR: '1' } }),
      await run('status', { isTerminal: true, columns: 80, env: { ...home.env, TERM: 'dumb' } }),
    ];
    for (const { stdout } of plain) expect(stdout).toBe(plain[0]?.stdout);
    expect(plain[0]?.stdout).not.toContain('\u001b');
    expect((await run('status', { env: { ...home.env, FORCE_COLOR: '1' } })).stdout).toContain('\u001b[32m');
  });

  it('--watch goes on until a signal and leaves the terminal as it was', async () => {
    await start();
    const { exitCode, stdout } = await run('status --watch', {
      isTerminal: true,
      columns: 80,
      onWrite: (text, hands) => {
        if (text.split('\u001b[H').length === 3) hands.signal('SIGINT');
      },
    });
    expect(exitCode).toBe(130);
    expect(stdout.startsWith('\u001b[?1049h\u001b[?25l')).toBe(true);
    expect(stdout).toContain('\u001b[?25h\u001b[?1049l');
  });

  it('--watch elsewhere prints one table after the other, and ends when nobody reads', async () => {
    await start();
    const { exitCode, stdout } = await run('status --watch --json', {
      onWrite: (text, hands) => {
        if (text.split('\n').length === 3) hands.leave();
      },
    });
    expect(exitCode).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([demoStatus(), demoStatus()]);
  });

  it('an answer that is no answer is a bug, exit 70', async () => {
    await home.start('demo', {
      'GET status': (_asked, response) => {
        response.writeHead(200).end('<html>');
        return null;
      },
    });
    const { exitCode, stderr } = await run('status');
    expect(exitCode).toBe(70);
    expect(stderr).toContain('error: the answer of the daemon is no JSON');
  });

  it('a daemon that dies while it answers exits 3', async () => {
    await home.start('demo', {
      'GET status': (_asked, response) => {
        response.writeHead(200, { 'Content-Length': 1000 }).write('{');
        response.destroy();
        return null;
      },
    });
    expect((await run('status')).exitCode).toBe(3);
  });
});

describe('actions', () => {
  const answered = (action: Action, names: readonly string[]): Routes =>
    Object.fromEntries(names.map((name) => [`POST jobs/${name}/${action}`, acted(name)]));
  const posted = (asked: readonly Asked[]) => asked.filter(({ method }) => method === 'POST');

  it('every name is checked before anything is done', async () => {
    const daemon = await start(answered('stop', ['api']));
    const outcome = await run('stop api wbe nosuchthing');
    expect(outcome.exitCode).toBe(4);
    expect(outcome.stderr).toContain(
      'no job is named "wbe", did you mean web?; no job is named "nosuchthing"',
    );
    expect(posted(daemon.asked)).toEqual([]);
  });

  it('restart passes --wait and --timeout on', async () => {
    const daemon = await start(answered('restart', ['api']));
    const outcome = await run('restart --wait --timeout 20s api');
    expect(outcome).toEqual({ exitCode: 0, stdout: 'api: restarted and ready\n', stderr: '' });
    expect(posted(daemon.asked)).toEqual([
      { method: 'POST', route: 'jobs/api/restart', body: { untilReady: true, timeoutMs: 20_000 } },
    ]);
  });

  it('suspend and resume without names mean the jobs that it concerns', async () => {
    const mixed = [
      jobStatus('runs'),
      jobStatus('asleep', { phase: 'blocked', slot: null }),
      jobStatus('waits', { phase: 'suspended', reason: 'quantum-over' }),
      jobStatus('held', { phase: 'suspended', reason: 'operator-suspend' }),
      jobStatus('done', { phase: 'completed', pid: null }),
    ];
    const daemon = await home.start('demo', {
      'GET status': { json: { ...demoStatus(), jobs: mixed } },
      ...answered('suspend', ['runs', 'asleep', 'waits']),
      ...answered('resume', ['held']),
    });
    expect((await run('suspend')).stdout).toBe('runs: suspended\nasleep: suspended\nwaits: suspended\n');
    expect((await run('resume')).stdout).toBe('held: resumed\n');
    expect(posted(daemon.asked)).toHaveLength(4);
  });

  it('signals by name, short name and number', async () => {
    const daemon = await start(answered('signal', ['api']));
    for (const word of ['SIGHUP', 'hup', '1'])
      expect((await run(`signal ${word} api`)).stdout).toBe('api: was sent SIGHUP\n');
    expect(posted(daemon.asked).map(({ body }) => body)).toEqual(Array(3).fill({ signal: 'SIGHUP' }));
  });

  it('one failure does not hide what the others did', async () => {
    await start({
      ...answered('suspend', ['api']),
      'POST jobs/web/suspend': {
        status: 409,
        error: { code: 'SUPERVISE_NO_PROCESS', message: 'web is pending' },
      },
    });
    expect(await run('suspend api web')).toEqual({
      exitCode: 2,
      stdout: 'api: suspended\n',
      stderr: 'error: web is pending\n  supervise status shows the phases\n',
    });
  });

  it('a name with replicas means all of them', async () => {
    const jobs = ['api:0', 'api:1', 'apis'].map((name) => jobStatus(name));
    const routes = answered('restart', ['api:0', 'api:1']);
    const daemon = await home.start('demo', { 'GET status': { json: { ...demoStatus(), jobs } }, ...routes });
    expect((await run('restart api')).stdout).toBe('api:0: restarted\napi:1: restarted\n');
    expect(posted(daemon.asked)).toHaveLength(2);
  });
});

describe('stop', () => {
  it('without a job ends the supervisor', async () => {
    const daemon = await start({
      'POST shutdown': (_asked, response) => {
        response.end(JSON.stringify({ survivors: [] }), () => void daemon.close());
        return null;
      },
    });
    expect(await run('stop')).toEqual({ exitCode: 0, stdout: 'stopped demo and all its jobs\n', stderr: '' });
  });

  it('names survivors, exit 1', async () => {
    const daemon = await start({
      'POST shutdown': (_asked, response) => {
        response.end(JSON.stringify({ survivors: [{ job: 'api', pid: 77 }] }), () => void daemon.close());
        return null;
      },
    });
    const { exitCode, stdout, stderr } = await run('stop');
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toBe('error: these processes could not be ended: api (pid 77)\n');
  });

  it('a daemon that closed without an answer and is gone has ended', async () => {
    const daemon = await start({
      'POST shutdown': () => {
        void daemon.close();
        return null;
      },
    });
    expect((await run('stop')).exitCode).toBe(0);
  });
});

describe('set and send', () => {
  it('set sends settings and each job', async () => {
    const daemon = await start({ 'POST schedule': { json: demoStatus().supervisor } });
    const outcome = await run(
      'set workers=2 aging=off quantum=50ms policy=priority job:api priority=-5 weight=200',
    );
    expect(outcome).toEqual({
      exitCode: 0,
      stdout: 'demo: 2 slots, round-robin, quantum 100ms, aging 2s\napi: priority -5, weight 200\n',
      stderr: '',
    });
    expect(daemon.asked.filter(({ method }) => method === 'POST').map(({ body }) => body)).toEqual([
      { workers: 2, agingMs: null, quantumMs: 50, policy: 'priority' },
      { job: 'api', priority: -5, weight: 200 },
    ]);
  });

  it.each([
    ['{"a":1}', { a: 1 }],
    ['hello', 'hello'],
    ['-5', -5],
    ['{not json', '{not json'],
  ])('send takes %s as JSON if it can', async (text, body) => {
    const daemon = await start({
      'POST jobs/api/messages': { json: { status: 'accepted', reason: null, depth: 1 } },
    });
    const outcome = await runCli(['send', 'api', text], { env: home.env });
    expect(outcome).toEqual({ exitCode: 0, stdout: 'accepted by api, 1 in its mailbox\n', stderr: '' });
    expect(daemon.asked.at(-1)?.body).toEqual({ body });
  });

  it('send --wait prints the reply, made visible', async () => {
    const reply = { from: 'api', body: 'hi\u001b[2J' };
    const daemon = await start({
      'POST jobs/api/messages': { json: { status: 'delivered', reason: null, depth: 0, reply } },
    });
    expect((await run('send api x --wait 2s')).stdout).toBe('hi\\x1b[2J\n');
    expect(daemon.asked.at(-1)?.body).toEqual({ body: 'x', replyWithinMs: 2000 });
  });

  it('a rejected message exits 1, no reply in time exits 5', async () => {
    await start({
      'POST jobs/api/messages': { json: { status: 'rejected', reason: 'mailbox-full', depth: 9 } },
      'POST jobs/web/messages': {
        status: 504,
        error: { code: 'SUPERVISE_TIMEOUT', message: 'web did not answer in time' },
      },
    });
    expect(await run('send api x')).toMatchObject({
      exitCode: 1,
      stderr: 'error: the message to api was rejected: mailbox-full\n',
    });
    expect(await run('send web x --wait')).toMatchObject({
      exitCode: 5,
      stderr: 'error: web did not answer in time\n',
    });
  });
});

describe('logs and events', () => {
  const line = (job: string, offsetMs: number, text: string) => ({
    job,
    at: NOON + offsetMs,
    stream: 'stdout',
    text,
  });
  const logs: Routes = {
    'GET jobs/api/log': { lines: [line('api', 0, 'one\u001b[2J'), line('api', 20, 'three')] },
    'GET jobs/web/log': { lines: [line('web', 10, 'two'), { gap: 4 }] },
  };

  it('several jobs are merged in the order of time', async () => {
    await start(logs);
    expect((await run('logs api web')).stdout).toBe(
      'api | one\\x1b[2J\nweb | two\nweb | (supervise: 4 lines missing here)\napi | three\n',
    );
  });

  it('one job has no prefix; --raw keeps the bytes, --json escapes nothing but JSON', async () => {
    await start(logs);
    expect((await run('logs api')).stdout).toBe('one\\x1b[2J\nthree\n');
    expect((await run('logs api --raw')).stdout).toBe('one\u001b[2J\nthree\n');
    const documents = (await run('logs api --json')).stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(documents).toEqual([line('api', 0, 'one\u001b[2J'), line('api', 20, 'three')]);
  });

  it('options reach the daemon', async () => {
    const daemon = await start(logs);
    await run('logs api -n 5 --stderr --since 2025-01-02T00:00:00Z');
    await run('logs api -f');
    expect(daemon.asked.filter(({ route }) => route.startsWith('jobs/')).map(({ route }) => route)).toEqual([
      `jobs/api/log?lines=5&since=${Date.UTC(2025, 0, 2)}&stream=stderr`,
      'jobs/api/log?follow=true&lines=10',
    ]);
  });

  it('following ends quietly when the reader leaves', async () => {
    const endless = (_asked: Asked, response: { write(text: string): void }) => {
      response.write(`${JSON.stringify(line('api', 0, 'on and on'))}\n`);
      return null;
    };
    await start({ 'GET jobs/api/log': endless });
    const outcome = await run('logs api -f', { onWrite: (_text, hands) => hands.leave() });
    expect(outcome).toEqual({ exitCode: 0, stdout: 'on and on\n', stderr: '' });
  });

  it('events leave out what is frequent unless asked for all', async () => {
    const lines = [
      eventRecord({ type: 'job.readied', job: 'api', reason: 'admitted' }),
      eventRecord({ type: 'heartbeat.reported', job: 'api', incarnation: 1 }, 5),
      { gap: 2 },
      eventRecord({ type: 'job.readied', job: 'web', reason: 'admitted' }, 10),
    ];
    const daemon = await start({ 'GET events': { lines } });
    const readied = 'ready to be given a slot: the jobs file asked for it';
    expect((await run('events')).stdout).toBe(
      `12:00:00.000  api           ${readied}\n(supervise: 2 events missing here)\n12:00:00.010  web           ${readied}\n`,
    );
    expect((await run('events --all api')).stdout).toContain('heartbeat');
    expect(daemon.asked.at(-1)?.route).toBe('events?job=api');
    expect((await run('events --json')).stdout.trim().split('\n')).toHaveLength(4);
  });

  it.each(['logs --since yesterday', 'logs -n many', 'events --since 1q'])(
    '%s is a mistake',
    async (words) => {
      await start(logs);
      expect((await run(words)).exitCode).toBe(2);
    },
  );
});

describe('explain and list', () => {
  it('explains the named job', async () => {
    const [api] = demoStatus().jobs;
    if (api === undefined) throw new Error('no jobs');
    await start({ 'GET jobs/api': { json: jobDetail(api) } });
    expect((await run('explain api')).stdout).toContain(
      'api#1 is running (pid 1234) in slot 0: it was given a slot.',
    );
    expect(JSON.parse((await run('explain api --json')).stdout)).toEqual(jobDetail(api));
  });

  it('lists living supervisors and what dead ones left', async () => {
    await start();
    mkdirSync(join(home.folder, 'ghost'));
    mkdirSync(join(home.folder, 'demo'));
    const { stdout } = await run('list');
    expect(stdout.split('\n').map((line) => line.replaceAll(home.folder, 'HOME'))).toEqual([
      'NAME   STATE                    PID  JOBS  FILE',
      'demo   running                  100     6  /srv/jobs.json',
      'ghost  not running, state kept    -     -  HOME/ghost',
      '',
    ]);
    expect(JSON.parse((await run('list --json')).stdout).supervisors[1]).toEqual({
      name: 'ghost',
      running: false,
      pid: null,
      jobs: null,
      file: null,
      state: join(home.folder, 'ghost'),
    });
  });
});

describe('files', () => {
  const write = (text: string) => {
    const file = join(home.folder, 'jobs.json');
    writeFileSync(file, text);
    return file;
  };
  const good =
    '{ "name": "demo", "workers": 2, "jobs": { "api": { "command": "sh -c \'exit 0\'", "env": { "SECRET": "canary" } } } }';

  it('check prints a summary and each command, never an environment value', async () => {
    write(good);
    const outcome = await run('check', { cwd: home.folder, env: { ...home.env, PATH: '/bin:/usr/bin' } });
    expect(outcome).toEqual({
      exitCode: 0,
      stdout: "demo: ok, 1 job, 2 slots, round-robin, quantum 100ms\n  api  sh -c 'exit 0'\n",
      stderr: '',
    });
    const { stdout } = await run('check --json', {
      cwd: home.folder,
      env: { ...home.env, PATH: '/bin:/usr/bin' },
    });
    expect(stdout).not.toContain('canary');
  });

  it.each(['check', 'start', 'run'])('%s prints every mistake and starts nothing', async (verb) => {
    const file = write('{ "nam": "x", "jobs": { "api": { "command": "true", "memory": "1MB" } } }');
    const people = await runCli([verb, file], { env: { ...home.env, PATH: '/bin:/usr/bin' } });
    expect([people.exitCode, people.stdout]).toEqual([2, '']);
    expect(people.stderr.match(/jobs\.json:1:\d+ /g)).toHaveLength(2);
    expect(people.stderr).toContain('2 mistakes in jobs.json; nothing was started\n');
    const scripts = await runCli([verb, file, '--json'], { env: { ...home.env, PATH: '/bin:/usr/bin' } });
    expect([scripts.exitCode, scripts.stderr]).toEqual([2, '']);
    const { error } = JSON.parse(scripts.stdout);
    expect([error.code, error.details.length]).toEqual(['SUPERVISE_BAD_FILE', 2]);
  });

  describe('of a living supervisor', () => {
    const applied = (changes: object): Reply => ({
      json: {
        added: [],
        changed: [],
        removed: [],
        unchanged: [],
        settings: [],
        environmentKept: false,
        ...changes,
      },
    });
    const env = () => ({ ...home.env, PATH: '/bin:/usr/bin' });

    it('start applies the file and says what it changed', async () => {
      const file = write(good);
      const changes = {
        added: ['web'],
        changed: [{ name: 'api', how: 'in-place' }],
        removed: ['old'],
        unchanged: ['db'],
        environmentKept: true,
      };
      const daemon = await start({ 'POST jobs': applied(changes) });
      const { exitCode, stdout, stderr } = await runCli(['start', file], { env: env() });
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(stdout.split('\n').slice(0, 6)).toEqual([
        'demo is running already; what differs was applied',
        '  added: web',
        '  changed: api (in place, its process goes on)',
        '  removed: old',
        '  left alone: db',
        'This supervisor was started with another environment; inherited variables stay as they were then.',
      ]);
      expect(stdout).toContain('supervise status --watch');
      const body = daemon.asked.find(({ route }) => route === 'jobs')?.body;
      expect(body).toMatchObject({ config: { name: 'demo', file, jobs: [{ spec: { name: 'api' } }] } });
    });

    it('--name outranks the file', async () => {
      const file = write(good);
      const other = await home.start('other', { ...status, 'POST jobs': applied({ unchanged: ['api'] }) });
      const { stdout } = await runCli(['start', file, '--name', 'other'], { env: env() });
      expect(stdout).toContain('its file has not changed: 1 job left alone');
      expect(other.asked.find(({ route }) => route === 'jobs')?.body).toMatchObject({
        config: { name: 'other' },
      });
    });

    it('--wait exits 1 when a job failed first', async () => {
      const file = write(good);
      await start({ 'POST jobs': applied({}), 'GET events': { lines: [] } });
      const outcome = await runCli(['start', file, '--wait'], { env: env() });
      expect(outcome.exitCode).toBe(1);
      expect(outcome.stderr).toBe('error: failed before all jobs were ready: hopeless\n');
    });

    it('--wait looks again when an event arrives, and not before', async () => {
      const file = write(good);
      const jobs = [jobStatus('api', { ready: false })];
      let isReady = false;
      await home.start('demo', {
        'POST jobs': applied({}),
        'GET status': () => ({ json: { ...demoStatus(), jobs: isReady ? [jobStatus('api')] : jobs } }),
        'GET events': (_asked, response) => {
          isReady = true;
          response.write(
            `${JSON.stringify(eventRecord({ type: 'ready.reported', job: 'api', incarnation: 1 }))}\n`,
          );
          return null;
        },
      });
      expect((await runCli(['start', file, '--wait'], { env: env() })).exitCode).toBe(0);
    });

    it('--wait --timeout exits 5 and names who was not ready', async () => {
      const file = write(good);
      const jobs = [jobStatus('api', { ready: false }), jobStatus('web')];
      await home.start('demo', {
        'POST jobs': applied({}),
        'GET status': { json: { ...demoStatus(), jobs } },
        'GET events': { lines: [] },
      });
      const outcome = await runCli(['start', file, '--wait', '--timeout', '20ms'], { env: env() });
      expect(outcome).toMatchObject({ exitCode: 5, stderr: 'error: not ready within 20ms: api\n' });
    });

    it('run refuses to share it', async () => {
      const file = write(good);
      await start();
      const { exitCode, stderr } = await runCli(['run', file], { env: env() });
      expect(exitCode).toBe(2);
      expect(stderr).toContain('a supervisor named demo is running already');
    });
  });

  it('schema is a JSON Schema', async () => {
    const { exitCode, stdout } = await run('schema');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: { jobs: expect.anything() } });
  });
});
