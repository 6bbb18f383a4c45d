/** What a person may get wrong: a clear message, the right exit code, and nothing started. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { child } from '../helpers/children.ts';
import { openWorld, type World } from '../helpers/world.ts';

const fine = { command: child('echo.js') };
/** As a user whom permissions stop. */
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

async function expectRefused(
  world: World,
  text: string | RegExp,
  args = ['start'],
  prefix: string[] = [],
): Promise<void> {
  const result = await world.cli(args, { prefix });
  expect(result, result.stderr).toMatchObject({ exitCode: 2, stdout: '' });
  expect(result.stderr).toMatch(text);
  expect(result.stderr).not.toMatch(/\n\s+at /);
  expect(world.processes()).toEqual([]);
  const asJson = await world.cli([...args, '--json'], { prefix });
  expect(asJson).toMatchObject({ exitCode: 2, stderr: '' });
  const { error } = JSON.parse(asJson.stdout) as { error: { code: string; message: string } };
  expect(error.code).toMatch(/^SUPERVISE_/);
  expect(error.message.length).toBeGreaterThan(10);
}

describe('a jobs file with a mistake', () => {
  it.each<[string, object, RegExp]>([
    [
      'a missing program',
      { command: ['/no/such/program'] },
      /jobs\.json:\d+:\d+ jobs\.bad\.command.*\/no\/such\/program/,
    ],
    [
      'a program that is not in PATH',
      { command: 'no-such-program-anywhere --x' },
      /jobs\.bad\.command.*no-such-program-anywhere/,
    ],
    ['a folder as program', { command: ['/usr'] }, /jobs\.bad\.command.*\/usr/],
    ['a program that is not executable', { command: ['/etc/passwd'] }, /jobs\.bad\.command.*\/etc\/passwd/],
    ['a missing cwd', { ...fine, cwd: '/no/such/folder' }, /jobs\.bad\.cwd.*\/no\/such\/folder/],
    ['a file as cwd', { ...fine, cwd: '/etc/passwd' }, /jobs\.bad\.cwd.*\/etc\/passwd/],
    [
      'an argument too long',
      { command: ['true', 'x'.repeat(128 * 1024 + 1)] },
      /jobs\.bad\.command.*at most 131071 bytes/,
    ],
    ['a NUL in an argument', { command: ['true', 'a\0b'] }, /jobs\.bad\.command.*NUL/i],
    ['a NUL in the environment', { ...fine, env: { A: 'a\0b' } }, /jobs\.bad\.env\.A.*NUL/i],
    ['a variable with =', { ...fine, env: { 'A=B': 'c' } }, /jobs\.bad\.env.*=/],
    ['an empty command', { command: [] }, /jobs\.bad\.command/],
    ['a misspelt key', { ...fine, restrat: 'never' }, /jobs\.bad\.restrat.*did you mean "?restart/],
    ['a high limit above max', { ...fine, memory: { high: '200MB', max: '100MB' } }, /jobs\.bad\.memory/],
    ['a tiny limit', { ...fine, memory: '1MB' }, /jobs\.bad\.memory.*16/],
    ['an unknown dependency', { ...fine, dependsOn: { nobody: 'ready' } }, /jobs\.bad\.dependsOn.*nobody/],
    ['a dependency on itself', { ...fine, dependsOn: { bad: 'ready' } }, /bad/],
  ])('such as %s is refused', async (_what, job, text) => {
    const world = openWorld();
    world.write({ jobs: { fine, bad: job } });
    await expectRefused(world, text);
  });

  it('gets every mistake told at once, each with its line and a caret', async () => {
    const world = openWorld();
    world.write(
      '{\n  "workers": 0,\n  "jobs": {\n    "a b": { "command": "true" },\n    "c": { "command": "true", "command": "true" },\n    "d": { "cmd": "true" }\n  }\n}\n',
    );
    const { exitCode, stderr } = await world.cli(['start']);
    expect(exitCode).toBe(2);
    for (const place of ['jobs.json:2:14 workers', 'jobs.json:4:5', 'jobs.json:5:31', 'jobs.json:6:12'])
      expect(stderr).toContain(place);
    expect(stderr).toMatch(/^ *\^/m);
    expect(stderr).toMatch(/\d mistakes in jobs\.json; nothing was started/);
    expect(world.processes()).toEqual([]);
    const { error } = JSON.parse((await world.cli(['start', '--json'])).stdout) as {
      error: { code: string; details: object[] };
    };
    expect(error).toMatchObject({ code: 'SUPERVISE_BAD_FILE', hint: 'nothing was started' });
    expect(error.details.length).toBeGreaterThanOrEqual(5);
  });
});

describe('what is no jobs file at all', () => {
  it.each<[string, (path: string) => void, RegExp]>([
    ['missing', () => {}, /jobs\.json/],
    ['a folder', (path) => mkdirSync(path), /regular file|folder/],
    ['a FIFO', (path) => execFileSync('mkfifo', [path]), /regular file|FIFO/],
    ['a device', (path) => symlinkSync('/dev/zero', path), /regular file|device/],
    ['a device that ends at once', (path) => symlinkSync('/dev/null', path), /regular file|device/],
    ['too large', (path) => writeFileSync(path, ' '.repeat(4 * 1024 * 1024 + 1)), /4 ?MiB|4194304/],
    ['empty', (path) => writeFileSync(path, ''), /jobs\.json/],
    ['not JSON', (path) => writeFileSync(path, 'jobs:\n  a: true\n'), /jobs\.json:1:1/],
    ['binary', (path) => writeFileSync(path, Buffer.from([0xff, 0xfe, 0, 1, 2])), /jobs\.json/],
    ['a list', (path) => writeFileSync(path, '[]'), /jobs\.json:1:1/],
    ['without jobs', (path) => writeFileSync(path, '{}'), /jobs/],
  ])('such as one that is %s is refused', async (_what, make, text) => {
    const world = openWorld();
    make(join(world.folder, 'jobs.json'));
    await expectRefused(world, text);
  });
});

describe('for a user whom permissions stop', () => {
  function openForNobody(): World {
    const world = openWorld();
    execFileSync('chown', ['-R', '65534:65534', dirname(world.folder)]);
    return world;
  }

  it('a folder that may not be entered is refused as cwd', async () => {
    const world = openForNobody();
    const closed = join(world.folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    world.write({ jobs: { bad: { ...fine, cwd: closed } } });
    await expectRefused(world, /jobs\.bad\.cwd.*closed/, ['start'], AS_NOBODY);
    chmodSync(closed, 0o755);
    await world.cli(['start'], { prefix: AS_NOBODY });
    await world.untilPhase('bad', 'running');
  });

  it('a program that may not be executed and a file that may not be read are refused', async () => {
    const world = openForNobody();
    const tool = join(world.folder, 'tool');
    writeFileSync(tool, '#!/bin/sh\n', { mode: 0o700 });
    const path = world.write({ jobs: { bad: { command: [tool] } } });
    await expectRefused(world, /jobs\.bad\.command.*tool/, ['start'], AS_NOBODY);
    chmodSync(path, 0o600);
    await expectRefused(world, /jobs\.json/, ['start'], AS_NOBODY);
  });

  it('a state folder of somebody else is refused', async () => {
    const world = openForNobody();
    mkdirSync(world.home, { mode: 0o755 });
    world.write({ jobs: { fine } });
    await expectRefused(world, /belongs to another user|can't be made|another user/, ['start'], AS_NOBODY);
  });
});

describe('a place that can not hold a supervisor', () => {
  it('is refused when the socket path would be too long', async () => {
    const world = openWorld();
    const home = join(world.folder, 'x'.repeat(90));
    world.write({ jobs: { fine } });
    const extra = { env: { ...world.env, SUPERVISE_HOME: home } };
    for (const command of ['start', 'run']) {
      const { exitCode, stdout, stderr } = await world.cli([command], extra);
      expect({ exitCode, stdout }, command).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toMatch(/socket.*\b103\b.*\n.*set SUPERVISE_HOME to a shorter path/);
    }
    // No such supervisor can live.
    expect(await world.cli(['status'], extra)).toMatchObject({ exitCode: 3, stdout: '' });
    expect(world.processes()).toEqual([]);
  });

  it('is refused when it is a file', async () => {
    const world = openWorld();
    writeFileSync(world.home, '');
    world.write({ jobs: { fine } });
    const { exitCode, stderr } = await world.cli(['start']);
    expect(exitCode, stderr).toBe(2);
    expect(stderr).toContain(world.home);
    rmSync(world.home);
  });
});

describe('what goes wrong only after the check', () => {
  it('is a failed job whose reason names the path, and the others go on', async () => {
    const world = openWorld();
    const tool = join(world.folder, 'tool');
    const place = join(world.folder, 'place');
    writeFileSync(tool, '#!/bin/sh\nexec sleep 1000000\n', { mode: 0o755 });
    mkdirSync(place);
    const jobs = {
      tool: { command: [tool] },
      placed: { command: ['sleep', '1000000'], cwd: place },
      odd: { command: [tool], cwd: place },
      other: fine,
    };
    await world.start({ workers: 8, jobs });
    const other = await world.untilPhase('other', 'running');
    renameSync(tool, `${tool}.old`);
    rmSync(place, { recursive: true });
    await world.ok('restart', 'tool', 'placed');
    expect(await world.untilPhase('tool', 'failed')).toMatchObject({
      reason: 'spawn-failed',
      detail: expect.stringContaining(tool),
      pid: null,
    });
    expect(await world.untilPhase('placed', 'failed')).toMatchObject({
      reason: 'spawn-failed',
      detail: expect.stringContaining(place),
    });
    writeFileSync(place, 'a file now');
    mkdirSync(tool);
    await world.ok('restart', 'odd');
    expect((await world.untilPhase('odd', 'failed')).detail).toContain(world.folder);
    expect(await world.ok('explain', 'tool')).toContain(tool);
    expect(await world.job('other')).toMatchObject({ pid: other.pid, incarnation: 1, phase: 'running' });
    // Put right, a restart brings it back.
    rmSync(tool, { recursive: true });
    renameSync(`${tool}.old`, tool);
    await world.ok('restart', 'tool');
    await world.untilPhase('tool', 'running');
  });

  it('such as a shebang line that names nothing, or a script without one', async () => {
    const world = openWorld();
    const broken = join(world.folder, 'broken');
    const plain = join(world.folder, 'plain');
    writeFileSync(broken, '#!/no/such/interpreter\n', { mode: 0o755 });
    writeFileSync(plain, 'echo plain\n', { mode: 0o755 });
    await world.start({ workers: 8, jobs: { broken: { command: [broken] }, plain: { command: [plain] } } });
    expect(await world.untilPhase('broken', 'failed')).toMatchObject({
      reason: 'spawn-failed',
      detail: expect.stringContaining(broken),
    });
    await world.untilPhase('plain', 'completed', 'failed');
  });
});
