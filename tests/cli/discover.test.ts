import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findSupervisor, livingSupervisors } from '../../src/client/discover.ts';
import { pathsOf } from '../../src/wire/paths.ts';
import { type TempHome, tempHome } from './support/fake-daemon.ts';

let home: TempHome;
beforeEach(() => {
  home = tempHome();
});
afterEach(() => home.remove());

const found = async (wanted: Omit<Parameters<typeof findSupervisor>[0], 'env'>, env: object = {}) =>
  (await findSupervisor({ env: { ...home.env, ...env }, ...wanted })).name;

/** A socket file that nobody listens on any more. */
async function leaveBehind(name: string): Promise<void> {
  await home.start('maker', {});
  writeFileSync(pathsOf(name, home.env).socket, '');
}

it('without any supervisor there is no daemon', async () => {
  await expect(found({})).rejects.toMatchObject({
    code: 'SUPERVISE_NO_DAEMON',
    message: 'no supervisor is running',
  });
});

it('a single one is meant, whatever the jobs file says', async () => {
  await home.start('shop', {});
  const nameHere = () => Promise.reject(new Error('the jobs file was read'));
  expect(await found({ nameHere })).toBe('shop');
});

it('--name outranks SUPERVISE_NAME, which outranks the jobs file', async () => {
  for (const name of ['one', 'two', 'three']) await home.start(name, {});
  const nameHere = async () => 'three';
  expect(await found({ name: 'one', nameHere }, { SUPERVISE_NAME: 'two' })).toBe('one');
  expect(await found({ nameHere }, { SUPERVISE_NAME: 'two' })).toBe('two');
  expect(await found({ nameHere }, { SUPERVISE_NAME: '' })).toBe('three');
});

it('several without a hint are an error that lists them', async () => {
  for (const name of ['two', 'one']) await home.start(name, {});
  for (const nameHere of [async () => null, async () => 'dead']) {
    await expect(found({ nameHere })).rejects.toMatchObject({
      code: 'SUPERVISE_AMBIGUOUS',
      exitCode: 3,
      message: 'several supervisors are running: one, two',
      details: ['one', 'two'],
    });
  }
});

it('a name that does not live is named', async () => {
  await home.start('shop', {});
  await expect(found({ name: 'shpo' })).rejects.toMatchObject({
    code: 'SUPERVISE_NO_DAEMON',
    message: 'no supervisor named shpo is running',
  });
  await expect(found({}, { SUPERVISE_NAME: 'shpo' })).rejects.toMatchObject({ code: 'SUPERVISE_NO_DAEMON' });
});

it('what a dead supervisor left behind does not count', async () => {
  await leaveBehind('ghost');
  expect(await livingSupervisors(home.env)).toEqual(['maker']);
  expect(await found({})).toBe('maker');
});

it('a socket path that the kernel would cut is refused', async () => {
  const env = { SUPERVISE_HOME: `/tmp/${'x'.repeat(120)}` };
  await expect(findSupervisor({ env, name: 'shop' })).rejects.toMatchObject({
    code: 'SUPERVISE_PATH_TOO_LONG',
  });
});

it('whatever accepts connections lives, even when it says nothing', async () => {
  await home.start('talker', {});
  const mute = createServer(() => {});
  await new Promise<void>((resolve) => mute.listen(pathsOf('mute', home.env).socket, resolve));
  expect(await livingSupervisors(home.env)).toEqual(['mute', 'talker']);
  await new Promise((resolve) => mute.close(resolve));
});
