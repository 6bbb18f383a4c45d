/** What jobs write: bounded on disk, whole, and never able to harm. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { child } from '../helpers/children.ts';
import { openWorld, type World } from '../helpers/world.ts';

async function worldWith(jobs: Record<string, object>): Promise<World> {
  const world = openWorld();
  await world.start({ workers: 8, jobs });
  return world;
}

function logFilesOf(world: World, job: string): { name: string; size: number }[] {
  const folder = world.paths().logs;
  const names = readdirSync(folder).filter((name) => name === `${job}.log` || name.startsWith(`${job}.log.`));
  return names
    .map((name) => ({ name, size: statSync(join(folder, name)).size }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

describe('a flood of output', () => {
  it.each([
    { maxSize: 200_000, files: 3 },
    { maxSize: 20_000, files: 2 },
    { maxSize: 50_000, files: 1 },
  ])('stays within log.maxSize × files on disk: %o', async (log) => {
    const world = await worldWith({ floods: { command: child('flood-output.js', 30_000), log } });
    const job = await world.untilPhase('floods', 'completed');
    await world.untilLog('floods', /^30000\./);
    expect(job.output).toMatchObject({ droppedBytes: 0 });
    expect((await world.job('floods')).output.bytes).toBe(3_000_000);
    const files = logFilesOf(world, 'floods');
    expect(files.map((file) => file.name)).toEqual(
      ['floods.log', 'floods.log.1', 'floods.log.2'].slice(0, log.files),
    );
    expect(
      files.map((file) => file.size).filter((size) => size > log.maxSize),
      JSON.stringify(files),
    ).toEqual([]);
    // What is kept is the end, whole lines without a gap.
    const numbers = (await world.log('floods')).map((line) => Number.parseInt(line.text, 10));
    expect(numbers.at(-1)).toBe(30_000);
    expect(numbers).toEqual(Array.from(numbers, (_, index) => 30_000 - numbers.length + 1 + index));
  });

  it('of two jobs for ever leaves the daemon small and able to answer', async () => {
    const floods = { command: child('flood-output.js'), log: { maxSize: '1MB', files: 2 } };
    const world = await worldWith({
      one: floods,
      two: floods,
      echo: { command: child('echo.js'), ready: 'message' },
    });
    await world.untilJob('one', (job) => job.output.bytes > 20_000_000);
    await world.untilJob('two', (job) => job.output.bytes > 20_000_000);
    expect(await world.client().send('echo', { body: 1, replyWithinMs: 20_000 })).toMatchObject({
      reply: { body: 1 },
    });
    expect((await world.status()).supervisor.rssBytes).toBeLessThan(150_000_000);
    for (const job of ['one', 'two']) {
      for (const { size } of logFilesOf(world, job)) expect(size).toBeLessThanOrEqual(1_000_000);
    }
  });
});

describe('output that is not lines of text', () => {
  it('is kept when no newline ends it', async () => {
    const world = await worldWith({ short: { command: child('one-line.sh') }, empty: { command: ['true'] } });
    await world.untilPhase('short', 'completed');
    expect(await world.untilLog('short', /.*/)).toBe('no newline');
    expect((await world.log('short')).map(({ stream, text }) => [stream, text])).toEqual([
      ['stdout', 'no newline'],
    ]);
    expect(await world.log('empty')).toEqual([]);
  });

  it('is split, not lost, when a line is endless', async () => {
    const script = 'head -c 1000000 /dev/zero | tr "\\0" x; echo end';
    const world = await worldWith({ endless: { command: script, shell: true } });
    await world.untilLog('endless', /end$/);
    const texts = (await world.log('endless')).map((line) => line.text);
    expect(texts.join('')).toBe(`${'x'.repeat(1_000_000)}end`);
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(16 * 1024);
  });

  it('is kept byte by byte and shown without effect on a terminal', async () => {
    const world = await worldWith({ binary: { command: child('binary-output.sh') } });
    await world.untilLog('binary', /bidi/);
    const file = readFileSync(join(world.paths().logs, 'binary.log'));
    expect(file.includes(Buffer.from('nul \0 bytes \xff\xfe\x80\n', 'latin1'))).toBe(true);
    const shown = await world.ok('logs', 'binary');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
    expect(shown).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
    expect(shown).toContain('colour \\x1b[31mred');
  });
});

describe('the last words of a job', () => {
  it('are all there when it exits at once, and when it is killed', async () => {
    const many = `for (let i = 1; i <= 3000; i++) process.stdout.write(i + "\\n"); process.stderr.write("over\\n");`;
    const world = await worldWith({
      exits: { command: ['node', '-e', `${many} process.exitCode = 3`], restart: 'never' },
      killed: { command: 'seq 3000; echo over >&2; kill -KILL $$', shell: true, restart: 'never' },
    });
    for (const name of ['exits', 'killed']) {
      await world.untilPhase(name, 'failed');
      await world.untilLog(name, /^over$/);
      const lines = await world.log(name);
      const out = lines.filter((line) => line.stream === 'stdout').map((line) => line.text);
      expect(out, name).toEqual(Array.from({ length: 3000 }, (_, index) => String(index + 1)));
      expect(lines.filter((line) => line.stream === 'stderr').map((line) => line.text)).toEqual(['over']);
    }
  });
});
