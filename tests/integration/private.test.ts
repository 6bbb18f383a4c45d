/** What lies on disk: private, without secrets, and enough to know what happened. */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evolve } from '../../src/core/evolve.ts';
import { allJobs, EMPTY_STATE } from '../../src/core/state.ts';
import type { EventRecord } from '../../src/wire/api.ts';
import { child } from '../helpers/children.ts';
import { until } from '../helpers/until.ts';
import { openWorld, type World } from '../helpers/world.ts';

interface Entry {
  readonly path: string;
  readonly kind: 'folder' | 'file' | 'socket' | 'other';
  readonly mode: string;
}

function entriesUnder(folder: string): Entry[] {
  const stat = statSync(folder);
  const kind = stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : stat.isSocket() ? 'socket' : 'other';
  const own = { path: folder, kind, mode: (stat.mode & 0o777).toString(8) } as const;
  if (kind !== 'folder') return [own];
  return [own, ...readdirSync(folder).flatMap((name) => entriesUnder(join(folder, name)))];
}

const withUmask = (umask: string): string[] => ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
const jobs = {
  shows: { command: 'umask; touch made; exec sleep 1000000', shell: true },
  writes: { command: child('exit-with.js', 1), restart: 'never' },
};

describe('files of a supervisor', () => {
  it.each(['000', '022', '077'])('are private whatever the umask %s, which jobs keep', async (umask) => {
    const world = openWorld();
    world.write({ workers: 4, jobs });
    expect(await world.cli(['start'], { prefix: withUmask(umask) })).toMatchObject({ exitCode: 0 });
    expect(await world.untilLog('shows', /^\d+$/)).toBe(`0${umask}`);
    await world.untilPhase('writes', 'failed');
    const entries = entriesUnder(world.home);
    expect(entries.filter(({ kind }) => kind === 'other')).toEqual([]);
    for (const { path, kind, mode } of entries) expect(mode, path).toBe(kind === 'folder' ? '700' : '600');
    expect(entries.filter(({ kind }) => kind === 'socket')).toHaveLength(1);
    const made = await until(() => statSync(join(world.folder, 'made'), { throwIfNoEntry: false }), {
      describe: 'the file of the job',
    });
    expect(made.mode & 0o777).toBe(0o666 & ~Number.parseInt(umask, 8));
  });

  it('are refused in a folder that others may write to', async () => {
    const world = openWorld();
    mkdirSync(world.home, { mode: 0o700 });
    mkdirSync(join(world.home, '.run'));
    const { chmodSync } = await import('node:fs');
    chmodSync(join(world.home, '.run'), 0o777);
    world.write({ jobs });
    const refused = await world.cli(['start', '--json']);
    expect(refused.exitCode, refused.stdout).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'SUPERVISE_BAD_STATE_FOLDER' } });
  });
});

describe('an environment value', () => {
  it('appears in no file and no output', async () => {
    const canaries = ['canary-in-file-8c1f', 'canary-inherited-5d2e'];
    const [inFile = '', inherited = ''] = canaries;
    const world = openWorld({ INHERITED_SECRET: inherited });
    const file = {
      workers: 4,
      jobs: {
        keeps: { command: child('echo.js'), env: { SECRET: inFile }, ready: 'message' },
        dies: {
          command: child('exit-with.js', 1),
          env: { SECRET: inFile },
          restart: { backoff: { initial: 0 }, intensity: { restarts: 1, within: '1m' } },
        },
      },
    };
    const outputs: string[] = [];
    const note = async (...args: string[]): Promise<void> => {
      const { stdout, stderr } = await world.cli(args);
      outputs.push(stdout, stderr);
    };
    world.write(file);
    await note('start');
    await world.untilPhase('dies', 'quarantined');
    await world.untilJob('keeps', (job) => job.ready);
    world.write({
      ...file,
      jobs: { ...file.jobs, keeps: { ...file.jobs.keeps, env: { SECRET: `${inFile}-2` } } },
    });
    for (const args of [
      ['start'],
      ['check'],
      ['status'],
      ['events'],
      ['explain', 'keeps'],
      ['explain', 'dies'],
      ['logs'],
      ['list'],
    ]) {
      await note(...args);
      await note(...args, '--json');
    }
    outputs.push(JSON.stringify(await world.client().job('keeps')), JSON.stringify(await world.events()));
    const commandLines = world.processes().map(({ pid }) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    expect(commandLines.length).toBeGreaterThan(2);
    const files = entriesUnder(world.home).filter(({ kind }) => kind === 'file');
    expect(files.length).toBeGreaterThan(3);
    await world.ok('stop');
    const texts = [...outputs, ...commandLines, ...files.map(({ path }) => readFileSync(path, 'latin1'))];
    for (const canary of canaries) expect(texts.filter((text) => text.includes(canary))).toEqual([]);
  });
});

describe('the journal', () => {
  function journalOf(world: World): EventRecord[] {
    const lines = readFileSync(world.paths().journal, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as EventRecord);
  }

  it('folds to what status says', async () => {
    const world = openWorld();
    await world.start({
      workers: 3,
      jobs: {
        runs: { command: child('echo.js'), ready: 'message', preempt: false },
        held: { command: child('echo.js'), ready: 'message' },
        done: { command: child('exit-with.js', 0) },
        failed: { command: child('exit-with.js', 1), restart: 'never' },
        gone: {
          command: child('exit-with.js', 1),
          restart: { backoff: { initial: 0 }, intensity: { restarts: 1, within: '1m' } },
        },
        waits: { command: child('exit-with.js', 1), restart: { backoff: { initial: '10m', max: '10m' } } },
        ended: { command: child('term-handler.js'), ready: 'message' },
        never: { command: child('echo.js'), dependsOn: { failed: 'completed' } },
      },
    });
    await world.untilPhase('gone', 'quarantined');
    await world.untilPhase('waits', 'backing-off');
    await world.untilPhase('done', 'completed');
    await world.untilPhase('failed', 'failed');
    await world.untilJob('ended', (job) => job.ready);
    await world.untilJob('held', (job) => job.ready);
    await world.ok('suspend', 'held');
    await world.ok('stop', 'ended');
    const { jobs: said } = await world.status();
    const folded = Array.from(allJobs(journalOf(world).reduce(evolve, EMPTY_STATE)));
    expect(
      folded.map((job) => [job.spec.name, job.phase.kind, job.incarnation, job.exit?.cause ?? null]),
    ).toEqual(said.map((job) => [job.name, job.phase, job.incarnation, job.exit?.cause ?? null]));
    expect(new Set(said.map((job) => job.phase))).toEqual(
      new Set([
        'running',
        'suspended',
        'completed',
        'failed',
        'quarantined',
        'backing-off',
        'stopped',
        'pending',
      ]),
    );
  });

  it('goes on growing over the lives of several daemons, each line whole', async () => {
    const world = openWorld();
    for (let life = 0; life < 2; life += 1) {
      await world.start({ workers: 2, jobs: { done: { command: child('exit-with.js', 0) } } });
      await world.untilPhase('done', 'completed');
      await world.ok('stop');
    }
    const records = journalOf(world);
    expect(records.filter((record) => record.type === 'supervisor.started')).toHaveLength(2);
    expect(records.filter((record) => record.type === 'supervisor.stopped')).toHaveLength(2);
    expect(new Set(records.map((record) => record.epoch)).size).toBe(2);
  });
});
