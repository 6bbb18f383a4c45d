/** `logs`: the last lines, since an instant, one stream, live, and as JSON. */
import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../src/wire/api.ts';
import { until } from '../helpers/until.ts';
import { openWorld, type World } from '../helpers/world.ts';

const counts = {
  command: 'for i in 1 2 3 4 5 6; do echo out $i; echo err $i >&2; sleep 0.01; done',
  shell: true,
};

async function worldWith(jobs: Record<string, object>): Promise<World> {
  const world = openWorld();
  await world.start({ workers: 8, jobs });
  return world;
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

describe('logs', () => {
  it('prints everything, the last lines with -n, one stream with --stderr', async () => {
    const world = await worldWith({ counts });
    await world.untilPhase('counts', 'completed');
    const all = linesOf(await world.ok('logs', 'counts'));
    expect(all).toHaveLength(12);
    const last = linesOf(await world.ok('logs', 'counts', '-n', '2', '--stderr'));
    expect(last.map((line) => line.slice(-5))).toEqual(['err 5', 'err 6']);
    expect(linesOf(await world.ok('logs', '-n', '0', 'counts'))).toEqual([]);
    const errors = linesOf(await world.ok('logs', '--stderr'));
    expect(errors).toHaveLength(6);
    expect(errors.every((line) => line.includes('err'))).toBe(true);
  });

  it('gives one JSON document a line', async () => {
    const world = await worldWith({ counts });
    await world.untilPhase('counts', 'completed');
    const lines = linesOf(await world.ok('logs', '--json', '--stderr', 'counts')).map(
      (line) => JSON.parse(line) as LogLine,
    );
    expect(lines).toEqual(
      [1, 2, 3, 4, 5, 6].map((number) => ({
        job: 'counts',
        at: expect.any(Number),
        stream: 'stderr',
        text: `err ${number}`,
      })),
    );
    expect(lines.map((line) => line.at)).toEqual(lines.map((line) => line.at).sort((a, b) => a - b));
  });

  it('leaves out with --since what was written before', async () => {
    const world = await worldWith({ twice: { command: 'echo run $SUPERVISE_INCARNATION', shell: true } });
    await world.untilLog('twice', /run 1/);
    const [first] = await world.log('twice');
    // A later instant than the first line, seen on the clock that stamps the lines.
    await until(() => Date.now() > (first?.at ?? 0) + 20, { describe: 'a later millisecond' });
    const since = new Date((first?.at ?? 0) + 10).toISOString();
    await world.ok('restart', 'twice');
    await world.untilLog('twice', /run 2/);
    expect(linesOf(await world.ok('logs', 'twice', '--since', since)).map((line) => line.slice(-5))).toEqual([
      'run 2',
    ]);
    expect(linesOf(await world.ok('logs', 'twice', '--since', '1h'))).toHaveLength(2);
  });

  it('goes on with -f until it is interrupted, also through a restart', async () => {
    const world = await worldWith({
      says: { command: 'echo hello from $SUPERVISE_INCARNATION; exec sleep 1000000', shell: true },
    });
    await world.untilLog('says', /from 1/);
    const following = world.begin(['logs', '-f', 'says']);
    await until(() => following.stdout().includes('from 1'), { describe: 'the line that was there already' });
    await world.ok('restart', 'says');
    await until(() => following.stdout().includes('from 2'), { describe: 'the line of the next run' });
    following.kill('SIGINT');
    const ended = await following.ended;
    expect(ended.exitCode === 130 || ended.signal === 'SIGINT', JSON.stringify(ended)).toBe(true);
    expect(linesOf(ended.stdout)).toHaveLength(2);
  });

  it('-f ends with the supervisor', async () => {
    const world = await worldWith({ says: { command: 'echo hello; exec sleep 1000000', shell: true } });
    await world.untilLog('says', /hello/);
    const following = world.begin(['logs', '-f']);
    await until(() => following.stdout().includes('hello'), { describe: 'the first line' });
    await world.ok('stop');
    const { exitCode, signal } = await following.ended;
    expect(signal).toBeNull();
    expect([0, 3]).toContain(exitCode);
  });

  it('names the job of each line when there are several, in the order of time', async () => {
    const script = (name: string) => ({
      command: `for i in 1 2 3 4 5; do echo ${name} $i; sleep 0.02; done`,
      shell: true,
    });
    const world = await worldWith({ left: script('l'), right: script('r') });
    await world.untilPhase('left', 'completed');
    await world.untilPhase('right', 'completed');
    const lines = linesOf(await world.ok('logs', '--json')).map((line) => JSON.parse(line) as LogLine);
    expect(lines).toHaveLength(10);
    expect(lines.map((line) => line.at)).toEqual(lines.map((line) => line.at).sort((a, b) => a - b));
    expect(
      linesOf(await world.ok('logs')).filter((line) => /^left\b.*l \d$|^right\b.*r \d$/.test(line)),
    ).toHaveLength(10);
  });
});

describe('events', () => {
  it('tells what happened, live with -f, as JSON with --json', async () => {
    const world = await worldWith({ stays: { command: ['sleep', '1000000'] } });
    await world.untilPhase('stays', 'running');
    const following = world.begin(['events', '-f', '--json', 'stays']);
    // The stream begins with what happens from now on: ask for things until it is there.
    await until(
      async () => {
        await world.client().act('stays', 'suspend');
        await world.client().act('stays', 'resume');
        return following.stdout().includes('"run.suspended"');
      },
      { describe: () => following.stdout() + following.stderr() },
    );
    following.kill('SIGINT');
    const { stdout } = await following.ended;
    for (const line of linesOf(stdout))
      expect(JSON.parse(line)).toMatchObject({ job: 'stays', seq: expect.any(Number) });
    const history = await world.ok('events');
    expect(history).toMatch(/stays#1 +given slot 0/);
    expect(history).toMatch(/stays#1 +suspended by a person/);
  });
});
