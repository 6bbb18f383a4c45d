/** The command line where nothing runs, where names are wrong, and what scripts get. */
import { describe, expect, it } from 'vitest';
import { child } from '../helpers/children.ts';
import { openWorld } from '../helpers/world.ts';

const echo = { command: child('echo.js'), ready: 'message' };

/** Commands that ask a daemon, with arguments that name the job `api`. */
const ASKING = [
  ['status'],
  ['ps', 'api'],
  ['logs'],
  ['logs', 'api'],
  ['events'],
  ['explain', 'api'],
  ['stop'],
  ['stop', 'api'],
  ['restart'],
  ['restart', 'api'],
  ['suspend', 'api'],
  ['resume', 'api'],
  ['signal', 'HUP', 'api'],
  ['send', 'api', 'hello'],
  ['set', 'workers=2'],
];

interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
}

describe('without a daemon', () => {
  it('every command that asks one ends with 3 and says so, for people and for scripts', async () => {
    const world = openWorld();
    world.write({ jobs: { api: echo } });
    for (const args of ASKING) {
      const { exitCode, stdout, stderr } = await world.cli(args);
      expect({ exitCode, stdout }, args.join(' ')).toEqual({ exitCode: 3, stdout: '' });
      expect(stderr, args.join(' ')).toMatch(/no supervisor is running/);
    }
    const { exitCode, stdout, stderr } = await world.cli(['status', '--json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: '' });
    expect((JSON.parse(stdout) as ErrorDocument).error).toEqual({
      code: 'SUPERVISE_NO_DAEMON',
      message: 'no supervisor is running',
      hint: expect.stringContaining('supervise start'),
    });
    expect(await world.cli(['status', '--name', 'other'])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('other'),
    });
    expect(await world.ok('list')).toMatch(/no supervisor is running/);
  });
});

describe('a job that does not exist', () => {
  it('ends every command with 4 before anything is done, and the nearest name is offered', async () => {
    const world = openWorld();
    await world.start({ workers: 4, jobs: { api: echo } });
    const { pid } = await world.untilJob('api', (job) => job.ready);
    const wrong = ASKING.filter((args) => args.includes('api')).map((args) =>
      args.map((word) => (word === 'api' ? 'apj' : word)),
    );
    for (const args of [...wrong, ['stop', 'api', 'apj'], ['restart', 'api', 'apj']]) {
      const { exitCode, stdout, stderr } = await world.cli(args);
      expect({ exitCode, stdout }, args.join(' ')).toEqual({ exitCode: 4, stdout: '' });
      expect(stderr, args.join(' ')).toMatch(/no job is named "?apj"?, did you mean "?api"?\?/);
    }
    const { stdout } = await world.cli(['stop', 'apj', '--json']);
    expect((JSON.parse(stdout) as ErrorDocument).error.code).toBe('SUPERVISE_NO_JOB');
    expect(await world.job('api')).toMatchObject({ pid, phase: 'running', incarnation: 1 });
  });
});

describe('a command line that makes no sense', () => {
  it.each([
    [['strat'], /strat.*\(Did you mean start\?\)|did you mean start/i],
    [['status', '--colour'], /--colour/],
    [['start', 'a.json', 'b.json'], /argument|b\.json/],
    [['signal'], /signal/],
    [['send', 'api'], /body/],
    [['logs', '-n', 'many'], /--lines.*whole number.*many/],
    [['logs', '--since', 'yesterday'], /--since/],
    [['start', '--wait', '--timeout', 'soon'], /--timeout/],
    [['status', '--name', '../evil'], /name/],
    [['set', 'job:'], /job:/],
  ])('%j ends with 2', async (args, text) => {
    const world = openWorld();
    world.write({ jobs: { api: echo } });
    const { exitCode, stdout, stderr } = await world.cli(args);
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(text);
    expect(stderr).not.toMatch(/\n\s+at /);
    const asJson = await world.cli([...args, '--json']);
    expect(asJson.exitCode).toBe(2);
    expect((JSON.parse(asJson.stdout) as ErrorDocument).error.code).toBe('SUPERVISE_USAGE');
  });

  it('such as none at all leads to the help', async () => {
    const world = openWorld();
    const { exitCode, stdout, stderr } = await world.cli([]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('supervise --help lists the commands');
  });
});

describe('help and version', () => {
  it('are printed without a daemon, for every command', async () => {
    const world = openWorld();
    expect(await world.ok('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    const help = await world.ok('--help');
    const verbs = [...help.matchAll(/^ {2}([a-z]+)(?:\|[a-z]+)?(?: \[| <| {2})/gm)].map(
      (match) => match[1] as string,
    );
    expect(verbs).toEqual(
      expect.arrayContaining([
        'start',
        'run',
        'stop',
        'status',
        'logs',
        'events',
        'explain',
        'send',
        'set',
        'check',
      ]),
    );
    for (const verb of verbs)
      expect(await world.ok(verb, '--help'), verb).toContain(`Usage: supervise ${verb}`);
    expect(world.processes()).toEqual([]);
  });
});

describe('what scripts read', () => {
  it('is one JSON document on stdout and nothing on stderr', async () => {
    const world = openWorld();
    await world.start({ workers: 4, jobs: { api: echo, done: { command: child('exit-with.js', 0) } } });
    await world.untilPhase('done', 'completed');
    for (const args of [
      ['status'],
      ['ps', 'api'],
      ['explain', 'api'],
      ['list'],
      ['check'],
      ['schema'],
      ['suspend', 'api'],
      ['resume', 'api'],
      ['signal', 'HUP', 'api'],
      ['set', 'workers=3'],
      ['restart', 'api'],
      ['stop', 'api'],
      ['stop'],
    ]) {
      const { exitCode, stdout, stderr } = await world.cli([...args, '--json']);
      expect({ exitCode, stderr }, args.join(' ')).toEqual({ exitCode: 0, stderr: '' });
      expect(() => JSON.parse(stdout) as unknown, args.join(' ')).not.toThrow();
    }
  });

  it('has in status every field that the documentation promises', async () => {
    const world = openWorld();
    await world.start({ workers: 2, jobs: { api: { ...echo, memory: '300MB' } } });
    await world.untilJob(
      'api',
      (job) => job.ready && job.memory.rssBytes !== null && job.cpu.percent !== null,
    );
    const status = JSON.parse(await world.ok('status', '--json')) as object;
    const number = expect.any(Number) as number;
    expect(status).toMatchObject({
      supervisor: {
        name: 'w',
        pid: number,
        guardPid: number,
        version: expect.any(String),
        uptimeMs: number,
        rssBytes: number,
        workers: 2,
        policy: 'round-robin',
        quantumMs: 100,
        socket: world.paths().socket,
        degraded: [],
        recovered: null,
      },
      jobs: [
        {
          name: 'api',
          phase: 'running',
          reason: 'dispatched',
          pid: number,
          incarnation: 1,
          restarts: { total: 0, inPeriod: 0, allowed: 5, periodMs: 60_000, nextInMs: null, recoveries: 0 },
          exit: null,
          priority: 0,
          weight: 100,
          bulkhead: null,
          memory: {
            rssBytes: number,
            peakBytes: number,
            highBytes: null,
            maxBytes: 300_000_000,
            sampleAgeMs: number,
          },
          cpu: { percent: number, timeMs: number },
          slices: 1,
          time: { runningMs: number, readyMs: number, blockedMs: 0, responseMs: number, turnaroundMs: null },
          mailbox: { depth: 0, inFlight: 0, capacity: 1024, accepted: 0, delivered: 0, deadLettered: 0 },
          channel: 'open',
          output: { bytes: 0, droppedBytes: 0 },
          progress: null,
          ready: true,
        },
      ],
    });
  });

  it('survives a reader that goes away', async () => {
    const world = openWorld();
    await world.start({ workers: 4, jobs: { floods: { command: child('flood-output.js', 20_000) } } });
    await world.untilPhase('floods', 'completed');
    const piped = ['sh', '-c', '"$@" | head -n 1; exit 0', 'sh'];
    const { stdout, stderr } = await world.cli(['logs', 'floods'], { prefix: piped });
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stderr).toBe('');
  });
});
