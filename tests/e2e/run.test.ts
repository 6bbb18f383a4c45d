/** `run`: the foreground. Its exit code is what the jobs came to, and it never leaves anything behind. */
import { describe, expect, it } from 'vitest';
import { child } from '../helpers/children.ts';
import { isAlive } from '../helpers/proc.ts';
import { until } from '../helpers/until.ts';
import { openWorld, type World } from '../helpers/world.ts';

const polite = { command: child('term-handler.js'), ready: 'message' };

async function untilGone(world: World): Promise<void> {
  await until(() => world.processes().length === 0, { describe: () => JSON.stringify(world.processes()) });
}

describe('run', () => {
  it('prints what the jobs write and ends with 0 once all have succeeded', async () => {
    const world = openWorld();
    world.write({
      workers: 4,
      jobs: {
        one: { command: 'echo first; echo bad >&2', shell: true },
        two: { command: child('exit-with.js', 0, 200), dependsOn: { one: 'completed' } },
      },
    });
    const { exitCode, stdout } = await world.cli(['run']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^one\b.*first$/m);
    await untilGone(world);
    expect((await world.cli(['status'])).exitCode).toBe(3);
  });

  it('ends with 1 when one has failed, after the restarts it is allowed', async () => {
    const world = openWorld();
    world.write({
      workers: 4,
      jobs: {
        good: { command: child('exit-with.js', 0) },
        bad: {
          command: 'echo try; exit 3',
          shell: true,
          restart: { backoff: { initial: '10ms' }, intensity: { restarts: 2, within: '1m' } },
        },
      },
    });
    const { exitCode, stdout } = await world.cli(['run']);
    expect(exitCode).toBe(1);
    expect(stdout.match(/^bad\b.*try$/gm)).toHaveLength(3);
    await untilGone(world);
  });

  it('ends with 2 on a file with mistakes, and when the name is taken', async () => {
    const world = openWorld();
    world.write({ jobs: {}, workers: 0 });
    expect(await world.cli(['run'])).toMatchObject({ exitCode: 2 });
    await world.start({ workers: 4, jobs: { polite } });
    const refused = await world.cli(['run']);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/running already/);
    expect((await world.job('polite')).incarnation).toBe(1);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'stops the jobs with their grace on %s and leaves nothing',
    async (signal) => {
      const world = openWorld();
      world.write({
        workers: 4,
        jobs: { polite, paused: polite, family: { command: child('spawn-grandchild.js'), ready: 'message' } },
      });
      const running = world.begin(['run']);
      await until(async () => (await world.status().catch(() => null))?.jobs.every((job) => job.ready), {
        describe: 'all ready',
      });
      await world.ok('suspend', 'paused');
      running.kill(signal);
      const { exitCode, stdout } = await running.ended;
      expect(exitCode).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
      // Both handlers ran, also that of the suspended one.
      expect(stdout.match(/bye/g)).toHaveLength(2);
      await untilGone(world);
    },
  );

  it('kills at once when interrupted twice', async () => {
    const world = openWorld();
    world.write({
      workers: 4,
      jobs: { deaf: { command: child('ignore-term.js'), ready: 'message', stop: { grace: '10m' } } },
    });
    const running = world.begin(['run']);
    await until(async () => (await world.status().catch(() => null))?.jobs.every((job) => job.ready), {
      describe: 'ready',
    });
    const { pid } = await world.job('deaf');
    running.kill('SIGINT');
    await world.untilPhase('deaf', 'stopping');
    running.kill('SIGINT');
    expect((await running.ended).exitCode).toBe(130);
    expect(isAlive(pid as number)).toBe(false);
    await untilGone(world);
  });

  it('takes the daemon and all jobs with it when it is killed', async () => {
    const world = openWorld();
    world.write({
      workers: 4,
      jobs: { polite, escapee: { command: child('setsid-escapee.js'), ready: 'message' } },
    });
    const running = world.begin(['run']);
    await until(async () => (await world.status().catch(() => null))?.jobs.every((job) => job.ready), {
      describe: 'all ready',
    });
    running.kill('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');
    await untilGone(world);
  });

  it('can be looked at and controlled from another terminal', async () => {
    const world = openWorld();
    world.write({ workers: 4, jobs: { polite } });
    const running = world.begin(['run']);
    await until(async () => (await world.status().catch(() => null))?.jobs.every((job) => job.ready), {
      describe: 'ready',
    });
    expect(await world.ok('status')).toContain('polite');
    await world.ok('stop');
    const { exitCode, signal } = await running.ended;
    expect(signal).toBeNull();
    // Its job was stopped, so not all have succeeded.
    expect(exitCode).toBe(1);
    await untilGone(world);
  });
});
