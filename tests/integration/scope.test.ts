/** The scope of a run: whatever it started ends with it, and is named. */
import { describe, expect, it } from 'vitest';
import { child, helper } from '../helpers/children.ts';
import { isAlive, processOf } from '../helpers/proc.ts';
import { until } from '../helpers/until.ts';
import { openWorld, type World } from '../helpers/world.ts';

async function endedOf(world: World, job: string) {
  const events = await world.events();
  return events.flatMap((event) => (event.type === 'run.ended' && event.job === job ? [event] : []));
}

describe('what a run leaves behind', () => {
  it('in its group is killed and reported, even though it holds the output open', async () => {
    const world = openWorld();
    await world.start({ workers: 4, jobs: { parent: { command: child('spawn-grandchild.js', 100) } } });
    const sleeper = Number(await world.untilLog('parent', /^\d+$/));
    const job = await world.untilPhase('parent', 'completed');
    expect(job.exit).toEqual({ code: 0, signal: null, cause: 'exited' });
    expect(isAlive(sleeper)).toBe(false);
    expect(await endedOf(world, 'parent')).toMatchObject([{ leftovers: [sleeper] }]);
  });

  it('in a session of its own is found by its mark, killed and reported, too', async () => {
    const world = openWorld();
    await world.start({ workers: 4, jobs: { parent: { command: child('setsid-escapee.js', 100) } } });
    const sleeper = Number(await world.untilLog('parent', /^\d+$/));
    await world.untilPhase('parent', 'completed');
    const found = await until(
      async () => (await world.events()).find((event) => event.type === 'strays.ended'),
      { describe: 'the escaped process reported' },
    );
    expect(found).toMatchObject({ job: 'parent', incarnation: 1, pids: [sleeper] });
    expect(isAlive(sleeper)).toBe(false);
  });

  it('does not survive the supervisor', async () => {
    const world = openWorld();
    await world.start({
      workers: 4,
      jobs: { parent: { command: child('setsid-escapee.js', 100), restart: 'never' } },
    });
    const sleeper = Number(await world.untilLog('parent', /^\d+$/));
    await world.untilPhase('parent', 'completed');
    expect(await world.ok('stop')).toBe('stopped w and all its jobs\n');
    expect(isAlive(sleeper)).toBe(false);
  });

  it('of a killed leader goes as well before the next run starts', async () => {
    const world = openWorld();
    await world.start({
      workers: 4,
      jobs: {
        parent: {
          command: child('spawn-grandchild.js'),
          ready: 'message',
          restart: { backoff: { initial: 0 } },
        },
      },
    });
    const { pid } = await world.untilJob('parent', (job) => job.ready);
    const sleeper = Number(await world.untilLog('parent', /^\d+$/));
    process.kill(pid as number, 'SIGKILL');
    await world.untilJob('parent', (job) => job.incarnation === 2 && job.pid !== null);
    expect(isAlive(sleeper)).toBe(false);
    expect(await endedOf(world, 'parent')).toMatchObject([
      { incarnation: 1, signal: 'SIGKILL', leftovers: [sleeper] },
    ]);
  });
});

describe('every run', () => {
  it('leads a session and a process group of its own, in its folder, with its own environment and no input', async () => {
    const world = openWorld({ OUTER: 'from outside', EDITED: 'outer' });
    const job = { cwd: '/usr', env: { EDITED: 'own', PATH: '/usr/bin:/bin' } };
    await world.start({
      workers: 4,
      jobs: {
        shows: { command: helper('surroundings.sh'), ...job },
        alone: { command: helper('surroundings.sh'), ...job, inheritEnv: false },
        stays: { command: child('echo.js'), ready: 'message' },
      },
    });
    await world.untilPhase('shows', 'completed');
    await world.untilPhase('alone', 'completed');
    const shown = (await world.log('shows')).map((line) => line.text);
    expect(shown).toEqual([
      'folder /usr',
      'outer from outside',
      'edited own',
      'job shows#1',
      'input ends at once',
    ]);
    const alone = (await world.log('alone')).map((line) => line.text);
    expect(alone).toEqual(['folder /usr', 'outer', 'edited own', 'job alone#1', 'input ends at once']);
    const { pid } = await world.untilJob('stays', (status) => status.ready);
    expect(processOf(pid as number)).toMatchObject({ groupId: pid, sessionId: pid, command: 'stays' });
  });
});
