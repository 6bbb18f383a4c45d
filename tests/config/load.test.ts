/**
 * Reading a jobs file from a real disk: what is refused, without ever waiting, and what is decoded.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { isValidName, nameInFile, nameOfFolder } from '../../src/config/name.ts';

const OPTIONS = { cores: 4, env: process.env };
let folder = '';

function write(name: string, content: string | Uint8Array): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

async function mistakesIn(file: string): Promise<string[]> {
  const result = await loadConfig(file, OPTIONS);
  return result.ok
    ? []
    : result.errors.map((error) => `${error.line}:${error.column} ${error.path}: ${error.message}`);
}

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'supervise-config-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('paths that are refused with one mistake', () => {
  test('nothing', async () => {
    expect(await mistakesIn(path.join(folder, 'nothing'))).toEqual([
      '1:1 : expected a file, found nothing there',
    ]);
  });

  test('a path through a file', async () => {
    const file = write('plain', '{}');
    expect(await mistakesIn(path.join(file, 'jobs.json'))).toEqual([
      '1:1 : expected a file, found nothing there',
    ]);
  });

  test('a folder', async () => {
    expect(await mistakesIn(folder)).toEqual(['1:1 : expected a regular file, found a folder']);
  });

  test('a FIFO, also behind a link', async () => {
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    symlinkSync(fifo, path.join(folder, 'link'));
    expect(await mistakesIn(fifo)).toEqual(['1:1 : expected a regular file, found a FIFO']);
    expect(await mistakesIn(path.join(folder, 'link'))).toEqual([
      '1:1 : expected a regular file, found a FIFO',
    ]);
    expect(nameInFile(fifo)).toBeNull();
  });

  test('a device', async () => {
    expect(await mistakesIn('/dev/zero')).toEqual(['1:1 : expected a regular file, found a device']);
    expect(nameInFile('/dev/zero')).toBeNull();
  });

  test('a socket', async () => {
    const socket = path.join(folder, 'socket');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    expect(await mistakesIn(socket)).toEqual(['1:1 : expected a regular file, found a socket']);
    await new Promise((resolve) => server.close(resolve));
  });

  test('a file above 4 MiB', async () => {
    const file = write('large', `{"name":"a"}${' '.repeat(4 * 1024 * 1024)}`);
    expect(await mistakesIn(file)).toEqual(['1:1 : expected a file of at most 4MiB, found 4194316 bytes']);
    expect(nameInFile(file)).toBeNull();
  });

  test('a file that may not be read', async () => {
    const file = write('secret', '[]');
    chmodSync(file, 0);
    const root =
      'expected an object such as { "jobs": { "app": { "command": "node app.js" } } }, found an empty array';
    const others = 'expected a readable file, found one that may not be read (EACCES)';
    expect(await mistakesIn(file)).toEqual([`1:1 : ${process.getuid?.() === 0 ? root : others}`]);
  });

  test('a path with NUL', async () => {
    expect(await mistakesIn('a\0b')).toEqual([
      '1:1 : expected a readable file, found the error ERR_INVALID_ARG_VALUE',
    ]);
  });
});

test('the place of a refusal', async () => {
  const result = await loadConfig(folder, OPTIONS);
  expect(result).toEqual({
    ok: false,
    errors: [
      {
        file: folder,
        line: 1,
        column: 1,
        path: '',
        message: 'expected a regular file, found a folder',
        severity: 'error',
        sourceLine: '',
        length: 1,
      },
    ],
    warnings: [],
  });
});

test('bytes that are no UTF-8, beside other mistakes', async () => {
  const bytes = Buffer.concat([
    Buffer.from('\uFEFF{"jobs":{"a":{"command":"node caf'),
    Buffer.from([0xe9]),
    Buffer.from('"}},\n// \ufffd is fine\n"worker":1} // '),
    Buffer.from([0xff, 0xfe]),
  ]);
  expect(await mistakesIn(write('latin', bytes))).toEqual([
    '1:34 : expected UTF-8, found bytes that are none',
    '3:1 worker: expected a known key, found "worker"; did you mean "workers"?',
    '3:16 : expected UTF-8, found bytes that are none',
  ]);
});

test('a file that is no text at all is one mistake', async () => {
  expect(await mistakesIn(write('utf16', Buffer.from('\uFEFF{"a":1}\n{}', 'utf16le')))).toEqual([
    '1:1 : expected UTF-8, found bytes that are none',
  ]);
});

test('a real file on a real machine', async () => {
  const sub = path.join(folder, 'my shop!');
  mkdirSync(sub);
  writeFileSync(path.join(sub, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(path.join(sub, 'data'), '', { mode: 0o644 });
  const file = path.join(sub, 'jobs.json');
  const current = os.userInfo().username;
  writeFileSync(
    file,
    `{"jobs":{"a":{"command":"./run.sh","user":${JSON.stringify(current)}},"b":{"command":["sh"]}}} // ok`,
  );
  expect(await loadConfig(file, OPTIONS)).toMatchObject({
    ok: true,
    warnings: [],
    config: { name: 'my-shop', file },
  });
  writeFileSync(
    file,
    '{"jobs":{"a":{"command":"./data"},"b":{"command":"./data/x"},"c":{"command":"sh","user":"no such user"}}}',
  );
  expect(await mistakesIn(file)).toEqual([
    `1:25 jobs.a.command: expected a program, found a file at ${sub}/data that is not executable`,
    `1:50 jobs.b.command: expected a program, found nothing at ${sub}/data/x`,
    `1:89 jobs.c.user: expected "${current}", the user supervise runs as (this version can't run a job as another one), found "no such user"`,
  ]);
});

describe('the name in a file', () => {
  test.each([
    ['plain JSON', '{"name":"shop"}', 'shop'],
    ['comments', '// x\n{"name":"shop",}', 'shop'],
    ['a byte order mark', '\uFEFF{"name":"shop"}', 'shop'],
    ['beside a syntax error', '{"name":"shop" "jobs":{}}', 'shop'],
    ['no name', '{}', null],
    ['an invalid name', '{"name":"a b"}', null],
    ['another kind', '{"name":1}', null],
    ['an array', '["name"]', null],
    ['null', 'null', null],
    ['nothing', '', null],
    ['a hundred thousand brackets', '['.repeat(100_000), null],
    ['a prototype', '{"__proto__":{"name":"shop"}}', null],
  ])('%s', (_, text, name) => {
    expect(nameInFile(write('name.json', text))).toBe(name);
  });

  test('is found without loading zod', () => {
    const seen = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/^import (?!type).*from '(.*)';$/gm)) {
        if (from.startsWith('.')) visit(path.resolve(path.dirname(file), from));
        else seen.add(from);
      }
    };
    visit(path.resolve(import.meta.dirname, '../../src/config/name.ts'));
    const names = [...seen].map((file) => path.basename(file));
    expect(names.filter((name) => name.endsWith('.ts')).sort()).toEqual([
      'limits.ts',
      'name.ts',
      'quantity.ts',
      'read.ts',
    ]);
    expect(names.filter((name) => !name.endsWith('.ts') && !name.startsWith('node:'))).toEqual([]);
  });

  test('is null without a file', () => {
    expect(nameInFile(path.join(folder, 'nothing'))).toBeNull();
    expect(nameInFile(folder)).toBeNull();
  });
});

test.each([
  ['/x/shop/jobs.json', 'shop'],
  ['/x/my shop!/jobs.json', 'my-shop'],
  ['/x/.hidden/jobs.json', 'hidden'],
  ['/jobs.json', 'supervise'],
  ['/x/constructor/jobs.json', 'supervise'],
  ['/x/äöü/jobs.json', 'supervise'],
  [`/x/${'a'.repeat(100)}/jobs.json`, 'a'.repeat(64)],
])('the name of the folder of %s is %s', (file, name) => {
  expect(nameOfFolder(file)).toBe(name);
});

test.each([
  ['a', true],
  ['0', true],
  ['A-b_C', true],
  ['a'.repeat(64), true],
  ['a'.repeat(65), false],
  ['', false],
  ['-a', false],
  ['_a', false],
  ['a:0', false],
  ['a.b', false],
  ['a\n', false],
  ['constructor', false],
  ['constructors', true],
  ['prototype', false],
  ['__proto__', false],
])('whether %j is a name: %j', (name, valid) => {
  expect(isValidName(name)).toBe(valid);
});
