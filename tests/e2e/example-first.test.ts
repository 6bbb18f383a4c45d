/** examples/first behaves as its README says, on its very files; only the port is a free one. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isStopped, processOf } from '../helpers/proc.ts';
import { until } from '../helpers/until.ts';
import { openWorld, type World } from '../helpers/world.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/first', import.meta.url));
const NODE_JOBS = ['primes', 'compress', 'web', 'visitor', 'ping', 'leak', 'crash'];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startExample(): Promise<World> {
  const world = openWorld({ SUPERVISE_NAME: 'w' });
  cpSync(EXAMPLE, world.folder, { recursive: true });
  const file = `${world.folder}/jobs.json`;
  const text = readFileSync(file, 'utf8');
  expect(text.match(/8123/g)).toHaveLength(2);
  writeFileSync(file, text.replaceAll('8123', String(await freePort())));
  await world.ok('check');
  await world.ok('start');
  return world;
}

describe('examples/first', () => {
  it('does what its README says', async () => {
    const world = await startExample();
    const names = (await world.status()).jobs.map((job) => job.name);
    expect(names).toEqual([
      'primes',
      'compress',
      'web',
      'visitor',
      'ping',
      'pong',
      'leak',
      'crash',
      'hopeless',
    ]);

    // At most two jobs running, the rest suspended: in status, and in the process table.
    await until(async () => (await world.status()).jobs.filter((job) => job.pid !== null).length >= 7, {
      describe: 'seven alive',
    });
    const suspended = await until(
      async () => {
        const { jobs } = await world.status();
        expect(
          jobs.filter((job) => job.phase === 'running' || job.phase === 'starting').length,
        ).toBeLessThanOrEqual(2);
        const waiting = jobs.filter((job) => job.phase === 'suspended');
        return waiting.length >= 4 && waiting.filter((job) => isStopped(job.pid as number)).length >= 3
          ? waiting
          : null;
      },
      {
        describe: async () => JSON.stringify((await world.status()).jobs.map((job) => [job.name, job.phase])),
      },
    );
    for (const job of suspended) expect(job.reason).toBe('quantum-over');

    // Node programs carry their job's name; pong is an sh.
    const { jobs } = await world.status();
    for (const { name, pid } of jobs) {
      if (pid !== null && NODE_JOBS.includes(name))
        await until(() => processOf(pid)?.command === name || processOf(pid) === null, {
          describe: `the title of ${name}`,
        });
    }
    expect(processOf((await world.untilJob('pong', (job) => job.pid !== null)).pid as number)?.command).toBe(
      'sh',
    );

    // Progress of primes and compress side by side.
    for (const name of ['primes', 'compress'])
      await world.untilJob(name, (job) => (job.progress?.value ?? 0) > 0);

    // The visitor is started once web is ready, and gets answers.
    await world.untilLog('visitor', /^visit \d+: status 200, \d+ visits so far/);
    const events = await world.events();
    const ready = events.findIndex((event) => event.type === 'ready.reported' && event.job === 'web');
    expect(
      events.findIndex((event) => event.type === 'run.dispatched' && event.job === 'visitor'),
    ).toBeGreaterThan(ready);

    // Messages through the mailboxes, none lost.
    await world.untilLog('ping', /^pong answered question 2 after \d+ ms: "pong"$/);
    await world.untilLog('pong', /^answered question 2 of ping$/);
    expect(
      (await world.log('ping')).filter((line) => !line.text.startsWith('pong answered question')),
    ).toEqual([]);

    // What fails: given up, restarted, ended for its memory; and nobody else notices.
    const hopeless = await world.untilPhase('hopeless', 'quarantined');
    expect(hopeless).toMatchObject({
      incarnation: 4,
      reason: 'intensity-exceeded',
      exit: { code: 1, cause: 'exited' },
    });
    expect(await world.ok('explain', 'hopeless')).toMatch(/restart/i);
    const crash = await world.untilJob('crash', (job) => job.incarnation >= 2);
    expect(crash.exit).toMatchObject({ code: 1, cause: 'exited' });
    await world.untilLog('leak', /^keeping \d+ MB when told .*"pressure"/);
    const leak = await world.untilJob('leak', (job) => job.exit !== null, { withinMs: 45_000 });
    expect(leak.exit).toMatchObject({ cause: 'memory-max' });
    expect(await world.ok('explain', 'leak')).toContain('100MB');
    await world.untilJob('leak', (job) => job.incarnation >= 2, { withinMs: 45_000 });
    for (const job of (await world.status()).jobs) {
      if (!['leak', 'crash', 'hopeless'].includes(job.name))
        expect(job, job.name).toMatchObject({ incarnation: 1, restarts: { total: 0 } });
    }

    // A person tries the hopeless one again.
    await world.ok('restart', 'hopeless');
    await world.untilJob('hopeless', (job) => job.incarnation > 4);
    expect(await world.ok('stop')).toBe('stopped w and all its jobs\n');
  }, 120_000);

  it('names in its README only commands that exist, as they are', async () => {
    const world = openWorld();
    const readme = readFileSync(`${EXAMPLE}/README.md`, 'utf8');
    const commands = [...readme.matchAll(/npx supervise ([a-z]+)([^`\n]*)/g)].map(
      (match) =>
        [match[1], ...(match[2] ?? '').trim().split(/\s+/)].filter((word) => word !== '') as string[],
    );
    expect(commands.length).toBeGreaterThan(6);
    for (const [verb = '', ...words] of commands) {
      const help = await world.ok(verb, '--help');
      for (const word of words.filter((one) => one.startsWith('-')))
        expect(help, `${verb} ${word}`).toMatch(new RegExp(`(^|[\\s,])${word}\\b`, 'm'));
    }
  });
});
