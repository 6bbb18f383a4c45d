/** `start`, once and again: what is printed, what is applied, what is left alone. */
import { describe, expect, it } from 'vitest';
import type { ApplyResult } from '../../src/wire/api.ts';
import { child } from '../helpers/children.ts';
import { isAlive } from '../helpers/proc.ts';
import { until } from '../helpers/until.ts';
import { NAME, openWorld } from '../helpers/world.ts';

const echo = { command: child('echo.js'), ready: 'message' };

describe('start', () => {
  it('returns when all jobs were admitted and dispatched, with the table and what to try next', async () => {
    const world = openWorld();
    world.write({ workers: 8, jobs: { api: echo, db: echo } });
    const { exitCode, stdout, stderr } = await world.cli(['start']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const status = await world.status();
    expect(stdout).toContain(`started ${NAME} (pid ${status.supervisor.pid}) with 2 jobs`);
    for (const { name, pid, phase } of status.jobs) {
      expect(phase).toBe('running');
      expect(stdout).toMatch(new RegExp(`^${name} +running +${pid} `, 'm'));
    }
    expect(stdout).toMatch(/^ {2}supervise (status --watch|logs -f|explain|stop)/m);
  });

  it('gives one JSON document with --json', async () => {
    const world = openWorld();
    world.write({ workers: 8, jobs: { api: echo } });
    const { exitCode, stdout, stderr } = await world.cli(['start', '--json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      started: true,
      changes: null,
      supervisor: { name: NAME, workers: 8 },
      jobs: [{ name: 'api' }],
    });
  });

  it('with --wait returns once all are ready, with 1 when one fails, with 5 when time is over', async () => {
    const world = openWorld();
    world.write({
      workers: 8,
      jobs: {
        api: echo,
        later: { command: child('exit-with.js', 0, 400), ready: 'message', dependsOn: { api: 'ready' } },
      },
    });
    expect(await world.cli(['start', '--wait', '--timeout', '30s'])).toMatchObject({ exitCode: 0 });
    expect((await world.status()).jobs.every((job) => job.ready)).toBe(true);
    await world.ok('stop');
    world.write({
      workers: 8,
      jobs: { api: echo, bad: { command: 'exit 3', shell: true, ready: 'message', restart: 'never' } },
    });
    expect(await world.cli(['start', '--wait', '--timeout', '30s'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('bad'),
    });
    await world.ok('stop');
    world.write({
      workers: 8,
      jobs: { api: echo, mute: { command: ['sleep', '1000000'], ready: 'message' } },
    });
    const late = await world.cli(['start', '--wait', '--timeout', '300ms']);
    expect(late).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('mute') });
    // Only the command gave up: what it started goes on.
    expect((await world.job('mute')).phase).toBe('running');
  });

  it('takes the name of the folder when the file gives none', async () => {
    const world = openWorld();
    world.write(JSON.stringify({ workers: 2, jobs: { api: { command: child('echo.js') } } }));
    await world.ok('start');
    expect((await world.client('work').status()).supervisor.name).toBe('work');
    await world.ok('stop');
  });
});

describe('start again', () => {
  it('with the same file changes nothing and says so', async () => {
    const world = openWorld();
    await world.start({ workers: 8, jobs: { api: echo, done: { command: child('exit-with.js', 0) } } });
    await world.untilPhase('done', 'completed');
    const before = await world.status();
    expect(await world.ok('start')).toContain(
      'is running already and its file has not changed: 2 jobs left alone',
    );
    const after = await world.status();
    expect(after.supervisor.pid).toBe(before.supervisor.pid);
    expect(after.jobs.map((job) => [job.phase, job.pid, job.incarnation])).toEqual(
      before.jobs.map((job) => [job.phase, job.pid, job.incarnation]),
    );
  });

  it('applies the difference: added, changed, removed, left alone', async () => {
    const world = openWorld();
    const polite = { command: child('term-handler.js'), ready: 'message' };
    await world.start({ workers: 8, jobs: { same: echo, relaunched: polite, tuned: echo, goes: polite } });
    await until(async () => (await world.status()).jobs.every((job) => job.ready), { describe: 'all ready' });
    const pids = new Map((await world.status()).jobs.map((job) => [job.name, job.pid as number]));
    world.write({
      workers: 6,
      schedule: { quantum: '80ms' },
      jobs: {
        same: echo,
        relaunched: { ...polite, env: { COLOUR: 'green' } },
        tuned: { ...echo, priority: 7 },
        comes: echo,
      },
    });
    const { changes } = JSON.parse(await world.ok('start', '--json')) as { changes: ApplyResult };
    expect(changes).toMatchObject({
      added: ['comes'],
      changed: [
        { name: 'relaunched', how: 'restarted' },
        { name: 'tuned', how: 'in-place' },
      ],
      removed: ['goes'],
      unchanged: ['same'],
    });
    expect([...changes.settings].sort()).toEqual(['quantumMs', 'workers']);
    await until(async () => !(await world.status()).jobs.some((job) => job.name === 'goes'), {
      describe: 'the removed job gone',
    });
    expect(isAlive(pids.get('goes') as number)).toBe(false);
    await world.untilJob('relaunched', (job) => job.ready && job.incarnation === 2);
    await world.untilJob('comes', (job) => job.ready);
    expect((await world.job('relaunched')).exit).toEqual({
      code: 7,
      signal: null,
      cause: 'definition-changed',
    });
    expect(await world.job('tuned')).toMatchObject({ pid: pids.get('tuned'), priority: 7, incarnation: 1 });
    expect(await world.job('same')).toMatchObject({ pid: pids.get('same'), incarnation: 1 });
    expect((await world.status()).supervisor).toMatchObject({ workers: 6, quantumMs: 80 });
    // And the same for people.
    world.write({ workers: 6, schedule: { quantum: '80ms' }, jobs: { same: echo } });
    expect(await world.ok('start')).toMatch(
      /removed: relaunched, tuned,? and comes|removed: relaunched, tuned, comes/,
    );
  });

  it('leaves stopped what was stopped and ended what has ended, also when its definition changed', async () => {
    const world = openWorld();
    const done = { command: child('exit-with.js', 0) };
    const failed = { command: child('exit-with.js', 1), restart: 'never' };
    await world.start({ workers: 8, jobs: { off: echo, done, failed } });
    await world.ok('stop', 'off');
    await world.untilPhase('done', 'completed');
    await world.untilPhase('failed', 'failed');
    await world.ok('start');
    world.write({
      workers: 8,
      jobs: {
        off: { ...echo, env: { A: '1' } },
        done: { ...done, env: { A: '1' } },
        failed: { ...failed, env: { A: '1' } },
      },
    });
    const { changes } = JSON.parse(await world.ok('start', '--json')) as { changes: ApplyResult };
    expect(changes.changed.map(({ how }) => how)).toEqual(['at-rest', 'at-rest', 'at-rest']);
    expect((await world.status()).jobs.map((job) => [job.phase, job.incarnation])).toEqual([
      ['stopped', 1],
      ['completed', 1],
      ['failed', 1],
    ]);
    await world.ok('restart', '--wait', '--timeout', '20s', 'off');
    expect(await world.job('off')).toMatchObject({ phase: 'running', incarnation: 2 });
  });

  it('with a file full of mistakes changes nothing', async () => {
    const world = openWorld();
    await world.start({ workers: 8, jobs: { api: echo } });
    const { pid } = await world.job('api');
    world.write({ workers: 0, jobs: { other: { command: ['/no/such/program'] } } });
    const refused = await world.cli(['start']);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toContain('2 mistakes in jobs.json; nothing was started');
    expect((await world.status()).jobs).toMatchObject([{ name: 'api', pid, incarnation: 1 }]);
  });

  it('with another file of the same name is refused; --name runs it beside', async () => {
    const world = openWorld();
    await world.start({ workers: 8, jobs: { api: echo } });
    const { pid } = await world.job('api');
    world.write({ workers: 8, jobs: { other: echo } }, 'other.json');
    const refused = await world.cli(['start', 'other.json', '--json']);
    expect(refused.exitCode).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: { code: 'SUPERVISE_OTHER_FILE', message: expect.stringContaining('other.json') },
    });
    expect((await world.status()).jobs).toMatchObject([{ name: 'api', pid }]);
    await world.ok('start', 'other.json', '--name', 'beside');
    expect((await world.client('beside').status()).jobs).toMatchObject([{ name: 'other' }]);
    const both = JSON.parse(await world.ok('list', '--json')) as {
      supervisors: { name: string; running: boolean }[];
    };
    expect(both.supervisors.map(({ name, running }) => [name, running])).toEqual([
      ['beside', true],
      [NAME, true],
    ]);
    // In this folder the file says which one is meant; elsewhere nobody does.
    expect(JSON.parse(await world.ok('status', '--json'))).toMatchObject({ supervisor: { name: NAME } });
    const elsewhere = await world.cli(['status'], { cwd: '/' });
    expect(elsewhere).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/beside.*w/) });
    expect(
      (await world.cli(['status'], { env: { ...world.env, SUPERVISE_NAME: 'beside' } })).stdout,
    ).toContain('other');
    await world.ok('stop', '--name', 'beside');
    expect((await world.cli(['status', '--name', 'beside'])).exitCode).toBe(3);
  });
});

describe('twenty starts at once', () => {
  it('make exactly one daemon; the other nineteen say so and succeed', async () => {
    const world = openWorld();
    world.write({ workers: 8, jobs: { api: echo, db: echo } });
    const results = await Promise.all(Array.from({ length: 20 }, () => world.cli(['start'])));
    expect(
      results.map((result) => result.exitCode),
      JSON.stringify(results.map((result) => result.stderr)),
    ).toEqual(Array(20).fill(0));
    const winners = results.filter(({ stdout }) => stdout.startsWith(`started ${NAME}`));
    const others = results.filter(({ stdout }) => stdout.startsWith(`${NAME} is running already`));
    expect([winners.length, others.length]).toEqual([1, 19]);
    // Guards of those that lost the race are gone at last.
    const { supervisor, jobs } = await world.status();
    const known = [supervisor.pid, supervisor.guardPid, ...jobs.map((job) => job.pid)];
    await until(() => world.processes().every(({ pid }) => known.includes(pid)), {
      describe: () => JSON.stringify(world.processes()),
    });
    expect(jobs.map((job) => job.incarnation)).toEqual([1, 1]);
  });

  it('right after a stop find the name free, time and again', async () => {
    const world = openWorld();
    for (let round = 0; round < 3; round += 1) {
      await world.start({ workers: 2, jobs: { api: echo } });
      await world.ok('stop');
    }
    // A start while the daemon is ending waits for the name instead of failing.
    await world.start({
      workers: 2,
      jobs: { slow: { command: child('term-handler.js', 300), ready: 'message' } },
    });
    await world.untilJob('slow', (job) => job.ready);
    const [stopped, started] = await Promise.all([
      world.cli(['stop']),
      until(async () => (await world.status().catch(() => null))?.supervisor.stopping !== false, {
        everyMs: 2,
        describe: 'stopping',
      }).then(() => world.cli(['start'])),
    ]);
    expect(stopped).toMatchObject({ exitCode: 0 });
    expect(started, started.stderr).toMatchObject({ exitCode: expect.any(Number) });
    expect([0, 2]).toContain(started.exitCode);
    if (started.exitCode === 2) expect(started.stderr).toContain('stopping');
  });
});
