/** Jobs that misuse their channel: only they suffer. */
import { describe, expect, it } from 'vitest';
import { child } from '../helpers/children.ts';
import { until } from '../helpers/until.ts';
import { openWorld, type World } from '../helpers/world.ts';

const echo = { command: child('echo.js'), ready: 'message' };

async function worldWith(jobs: Record<string, object>): Promise<World> {
  const world = openWorld();
  await world.start({ workers: 8, jobs: { echo, ...jobs } });
  await world.untilJob('echo', (job) => job.ready);
  return world;
}

async function expectEchoAnswers(world: World): Promise<void> {
  expect(await world.client().send('echo', { body: 'hi', replyWithinMs: 20_000 })).toMatchObject({
    reply: { body: 'hi' },
  });
  expect(await world.job('echo')).toMatchObject({ incarnation: 1, channel: 'open' });
}

describe('garbage on fd 3', () => {
  it('closes that channel after 100 frames, and the next run has a fresh one', async () => {
    const world = await worldWith({ rude: { command: child('garbage-fd3.sh', 100), ready: 'message' } });
    await world.untilLog('rude', /garbage written/);
    const closed = await until(
      async () => (await world.events()).find((event) => event.type === 'channel.closed'),
      { describe: 'the channel closed' },
    );
    expect(closed).toMatchObject({ job: 'rude', incarnation: 1 });
    const rude = await world.job('rude');
    expect(rude).toMatchObject({ phase: 'running', incarnation: 1, exit: null });
    expect(rude.channel).not.toBe('open');
    await expectEchoAnswers(world);
    await world.ok('restart', '--wait', '--timeout', '20s', 'rude');
    expect(await world.job('rude')).toMatchObject({ ready: true, incarnation: 2 });
  });

  it('is answered with errors below that number, and the channel stays', async () => {
    const world = await worldWith({ rude: { command: child('garbage-fd3.sh', 99), ready: 'message' } });
    await world.untilLog('rude', /garbage written/);
    await expectEchoAnswers(world);
    expect(await world.job('rude')).toMatchObject({ channel: 'open', phase: 'running' });
    expect((await world.events()).filter((event) => event.type === 'channel.closed')).toEqual([]);
  });

  it('of the kinds that are known to kill a Node parent does nothing', async () => {
    const lines = [
      'hello',
      '{"cmd":"NODE_HANDLE_ACK"}',
      '{"cmd":"NODE_HANDLE"}',
      '{"__proto__":{"to":"echo"}}',
      '[]',
      'null',
      '1e999',
      '{"to":"echo"}',
      '',
    ];
    const script = `${lines.map((line) => `printf '%s\\n' '${line}' >&3`).join('; ')}; printf '\\000\\377' >&3; echo done; exec sleep 1000000`;
    const world = await worldWith({ rude: { command: script, shell: true } });
    await world.untilLog('rude', /done/);
    await expectEchoAnswers(world);
    expect(await world.job('rude')).toMatchObject({ phase: 'running', incarnation: 1 });
  });

  it('without a newline, 50 MB of it, neither ends nor grows the daemon', async () => {
    const script = 'head -c 50000000 /dev/zero | tr "\\0" x >&3; echo done; exec sleep 1000000';
    const world = await worldWith({ endless: { command: script, shell: true } });
    await world.untilLog('endless', /done/);
    await expectEchoAnswers(world);
    expect((await world.status()).supervisor.rssBytes).toBeLessThan(150_000_000);
  });
});

describe('a channel that the job closes', () => {
  it('leaves the job running and the others alone', async () => {
    const world = await worldWith({ closes: { command: child('close-fd3.sh'), ready: 'message' } });
    await world.untilLog('closes', /closed/);
    await until(async () => (await world.job('closes')).channel !== 'open', {
      describe: 'the channel seen closed',
    });
    expect(await world.job('closes')).toMatchObject({ phase: 'running', incarnation: 1, ready: true });
    await expectEchoAnswers(world);
    await world.ok('stop', 'closes');
  });
});

describe('a flood to a job that never reads', () => {
  it('fills a mailbox and then the sender, not the daemon, and others go on', async () => {
    const world = await worldWith({ sink: { command: child('never-reads.js'), ready: 'message' } });
    await world.untilJob('sink', (job) => job.ready);
    // What the daemon needs for the work itself is there before it is measured.
    for (let index = 0; index < 200; index += 1)
      await world.client().send('echo', { body: index, replyWithinMs: 20_000 });
    const before = (await world.status()).supervisor.rssBytes;
    const jobs = {
      echo,
      sink: { command: child('never-reads.js'), ready: 'message' },
      floods: { command: child('flood-messages.js', 'sink', 200_000, 1000) },
    };
    world.write({ workers: 8, jobs });
    await world.ok('start');
    const full = await world.untilJob(
      'sink',
      ({ mailbox }) => mailbox.depth + mailbox.inFlight === mailbox.capacity,
    );
    // Its own memory takes what the channel does not: nothing more is read from it from here on.
    await world.untilJob(
      'floods',
      ({ memory, cpu }) => (memory.rssBytes ?? 0) > 100_000_000 || (cpu.timeMs ?? 0) > 3000,
    );
    await expectEchoAnswers(world);
    const after = await world.job('sink');
    expect(after.mailbox.accepted).toBe(full.mailbox.accepted);
    expect((await world.log('floods')).map((line) => line.text)).not.toContain('all handed to the socket');
    expect((await world.status()).supervisor.rssBytes - before).toBeLessThan(30_000_000);
    await world.ok('stop', 'floods', 'sink');
    await expectEchoAnswers(world);
  });

  it('with reject or drop-oldest never blocks the sender', async () => {
    const count = 5000;
    const sink = (overflow: string) => ({
      command: child('never-reads.js'),
      ready: 'message',
      mailbox: { capacity: 50, overflow },
    });
    const floods = (target: string) => ({
      command: child('flood-messages.js', target, count),
      dependsOn: { [target]: 'ready' },
    });
    const world = await worldWith({
      refuses: sink('reject'),
      forgets: sink('drop-oldest'),
      one: floods('refuses'),
      two: floods('forgets'),
    });
    await world.untilLog('one', /all handed to the socket/);
    await world.untilLog('two', /all handed to the socket/);
    const forgets = await world.untilJob('forgets', ({ mailbox }) => mailbox.accepted === count);
    const { accepted, delivered, depth, inFlight, deadLettered } = forgets.mailbox;
    expect(accepted).toBe(delivered + depth + inFlight + deadLettered);
    expect(depth).toBeLessThanOrEqual(50);
    const refuses = await world.job('refuses');
    expect(refuses.mailbox.depth + refuses.mailbox.inFlight).toBeLessThanOrEqual(50);
    expect(refuses.mailbox.accepted).toBeLessThan(count);
    await expectEchoAnswers(world);
  });
});
