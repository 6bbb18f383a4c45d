/** Messages between real jobs, and from the operator. */
import { describe, expect, it } from 'vitest';
import { child, helper } from '../helpers/children.ts';
import { until } from '../helpers/until.ts';
import { openWorld, type World } from '../helpers/world.ts';

async function worldWith(jobs: Record<string, object>, more: object = {}): Promise<World> {
  const world = openWorld();
  await world.start({ workers: 8, ...more, jobs });
  return world;
}

/** What a `says.js` job has printed, once there is something of which `holds` is true. */
async function untilTold(
  world: World,
  name: string,
  holds: (message: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> {
  return until(
    async () =>
      (await world.log(name)).map((line) => JSON.parse(line.text) as Record<string, unknown>).find(holds),
    { describe: async () => `${holds} among ${JSON.stringify(await world.log(name))}` },
  );
}

const says = (...messages: readonly object[]) => ({
  command: helper('says.js', ...messages.map((message) => JSON.stringify(message))),
  ready: 'message',
});

describe('two jobs that exchange messages in one slot', () => {
  it('get all of them in order, through every suspension', async () => {
    const count = 2000;
    const world = await worldWith(
      {
        left: { command: helper('exchange.js', 'right', count) },
        right: { command: helper('exchange.js', 'left', count) },
      },
      { workers: 1, schedule: { quantum: '20ms' }, defaults: { mailbox: { capacity: 200 } } },
    );
    for (const name of ['left', 'right']) await world.untilLog(name, /in order|expected|unexpected/);
    for (const name of ['left', 'right']) {
      expect((await world.log(name)).map((line) => line.text)).toEqual([`${count} in order`]);
      const job = await world.job(name);
      expect(job.mailbox).toMatchObject({ depth: 0, accepted: count, delivered: count, deadLettered: 0 });
      expect(job.slices).toBeGreaterThan(3);
    }
  });
});

describe('receipts and errors', () => {
  it('tell a sender that there is no such job: a receipt with an id, an error without', async () => {
    const world = await worldWith({
      asks: says({ to: 'nobody', body: 1, id: 'x' }),
      shouts: says({ to: 'nobody', body: 1 }),
    });
    expect(await untilTold(world, 'asks', ({ type }) => type === 'receipt')).toMatchObject({
      id: 'x',
      status: 'rejected',
      reason: 'no-such-job',
    });
    expect(await untilTold(world, 'shouts', ({ type }) => type === 'error')).toMatchObject({
      code: expect.stringMatching(/^SUPERVISE_/),
    });
  });

  it('bring one accepted and one final receipt, and the reply under its id', async () => {
    const world = await worldWith({
      echo: { command: child('echo.js'), ready: 'message' },
      asks: { ...says({ to: 'echo', body: { q: 1 }, id: '7' }), dependsOn: { echo: 'ready' } },
    });
    const reply = await untilTold(world, 'asks', ({ type }) => type === 'message');
    expect(reply).toMatchObject({ from: 'echo', to: 'asks', inReplyTo: '7', body: { q: 1 } });
    await untilTold(world, 'asks', ({ status }) => status === 'delivered');
    const receipts = (await world.log('asks')).map(
      (line) => JSON.parse(line.text) as { type: string; status?: string },
    );
    expect(receipts.flatMap(({ status }) => status ?? [])).toEqual(['accepted', 'delivered']);
  });

  it('come for a message to oneself and to all others, too', async () => {
    const world = await worldWith({
      first: says(),
      second: says(),
      self: {
        ...says({ to: 'self', body: 'me' }, { to: '*', body: 'everybody' }),
        dependsOn: { first: 'ready', second: 'ready' },
      },
    });
    expect(await untilTold(world, 'self', ({ type }) => type === 'message')).toMatchObject({
      from: 'self',
      body: 'me',
    });
    for (const name of ['first', 'second']) {
      expect(await untilTold(world, name, ({ type }) => type === 'message')).toMatchObject({
        from: 'self',
        body: 'everybody',
      });
    }
    expect((await world.log('self')).filter((line) => line.text.includes('everybody'))).toEqual([]);
  });

  it('deliver what is published to whoever subscribed', async () => {
    const world = await worldWith({
      listens: says({ type: 'subscribe', topic: 'news' }),
      deaf: says(),
      tells: { ...says(), dependsOn: { listens: 'ready' } },
    });
    await world.untilJob('tells', (job) => job.ready);
    await world.ok('stop', 'tells');
    world.write({
      workers: 8,
      jobs: {
        listens: says({ type: 'subscribe', topic: 'news' }),
        deaf: says(),
        tells: says({ type: 'publish', topic: 'news', body: 'hot' }),
      },
    });
    await world.ok('start');
    await world.ok('restart', 'tells');
    expect(await untilTold(world, 'listens', ({ type }) => type === 'message')).toMatchObject({
      from: 'tells',
      topic: 'news',
      body: 'hot',
    });
    expect(await world.log('deaf')).toEqual([]);
  });
});

describe('a message for a job that does not run', () => {
  it('waits in its mailbox while it is suspended and is delivered once it is resumed', async () => {
    const world = await worldWith({ gets: says() });
    await world.untilJob('gets', (job) => job.ready);
    await world.ok('suspend', 'gets');
    expect(await world.ok('send', 'gets', '"later"')).toContain('accepted by gets');
    expect((await world.job('gets')).mailbox).toMatchObject({ depth: 1, accepted: 1, delivered: 0 });
    await world.ok('resume', 'gets');
    expect(await untilTold(world, 'gets', ({ type }) => type === 'message')).toMatchObject({ body: 'later' });
    await world.untilJob('gets', ({ mailbox }) => mailbox.depth === 0 && mailbox.delivered === 1);
  });

  it('is refused with a reason when it was stopped or is quarantined', async () => {
    const hopeless = {
      command: child('exit-with.js', 1),
      restart: { backoff: { initial: 0 }, intensity: { restarts: 1, within: '60s' } },
    };
    const world = await worldWith({ gets: says(), hopeless });
    await world.ok('stop', 'gets');
    await world.untilPhase('hopeless', 'quarantined');
    for (const [job, reason] of [
      ['gets', 'stopped'],
      ['hopeless', 'quarantined'],
    ] as const) {
      const refused = await world.cli(['send', job, 'hello', '--json']);
      expect(refused.exitCode, refused.stdout).toBe(1);
      expect(JSON.parse(refused.stdout)).toMatchObject({
        error: { code: 'SUPERVISE_REJECTED', details: [{ reason }] },
      });
    }
  });
});

describe('send', () => {
  it('prints the reply when it is waited for', async () => {
    const world = await worldWith({ echo: { command: child('echo.js'), ready: 'message' } });
    await world.untilJob('echo', (job) => job.ready);
    expect(await world.ok('send', 'echo', '{"a":[1,null]}', '--wait', '20s')).toBe('{"a":[1,null]}\n');
    expect(await world.ok('send', 'echo', 'not JSON', '--wait', '20s')).toBe('not JSON\n');
    const reply = JSON.parse(await world.ok('send', 'echo', '5', '--wait', '20s', '--json')) as object;
    expect(reply).toMatchObject({ status: 'delivered', reply: { from: 'echo', body: 5 } });
  });

  it('ends with 5 when no reply comes in time, with 4 when there is no such job', async () => {
    const world = await worldWith({ mute: { command: child('never-reads.js'), ready: 'message' } });
    await world.untilJob('mute', (job) => job.ready);
    expect(await world.cli(['send', 'mute', 'hello', '--wait', '200ms'])).toMatchObject({
      exitCode: 5,
      stdout: '',
    });
    expect(await world.cli(['send', 'nobody', 'hello'])).toMatchObject({ exitCode: 4, stdout: '' });
    const { stderr } = await world.cli(['send', 'mut', 'hello']);
    expect(stderr).toContain('did you mean mute?');
  });
});
