import { mkdirSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { request, stream } from '../../src/client/request.ts';
import { pathsOf } from '../../src/wire/paths.ts';
import { type TempHome, tempHome } from './support/fake-daemon.ts';

let home: TempHome;
let server: Server;
let path: string;
let speak: (socket: Socket, asked: string) => void;

beforeEach(async () => {
  home = tempHome();
  path = pathsOf('demo', home.env).socket;
  mkdirSync(dirname(path), { recursive: true });
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => speak(socket, data.toString()));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await home.remove();
});

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';

/** One byte a packet, as far as the kernel lets us: the next is written when the last has gone. */
function dribble(socket: Socket, text: string): void {
  const bytes = [...Buffer.from(text)];
  const next = () => {
    const byte = bytes.shift();
    if (byte === undefined) socket.end();
    else socket.write(Buffer.of(byte), () => setImmediate(next));
  };
  next();
}

const chunks = (...texts: readonly string[]) =>
  `${texts.map((text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`).join('')}0\r\n\r\n`;

it.each([
  ['counted', `${HEAD}Content-Length: 13\r\n\r\n{"a":"über"}`],
  ['chunked', `${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunks('{"a":"ü', 'ber"}')}`],
  ['until the end', `${HEAD}\r\n{"a":"über"}`],
])('reads an answer that is %s, in however many packets', async (_framing, text) => {
  for (const send of [dribble, (socket: Socket) => socket.end(text)]) {
    speak = (socket) => send(socket, text);
    expect(await request(path, 'GET', 'status')).toEqual({ a: 'über' });
  }
});

it('sends the body with its length in bytes', async () => {
  let heard = '';
  speak = (socket, asked) => {
    heard = asked;
    socket.end(`${HEAD}Content-Length: 4\r\n\r\nnull`);
  };
  expect(await request(path, 'POST', 'jobs', { a: 'ü' })).toBeNull();
  expect(heard).toContain('POST /api/v1/jobs HTTP/1.1\r\n');
  expect(heard).toContain('Connection: close\r\n');
  expect(heard.endsWith('Content-Length: 10\r\n\r\n{"a":"ü"}')).toBe(true);
});

it.each([
  ['cut in its body', `${HEAD}Content-Length: 100\r\n\r\n{`, 'SUPERVISE_NO_DAEMON'],
  ['cut in a chunk', `${HEAD}Transfer-Encoding: chunked\r\n\r\nff\r\n{`, 'SUPERVISE_NO_DAEMON'],
  ['cut in its head', 'HTTP/1.1 200 OK\r\nContent', 'SUPERVISE_NO_DAEMON'],
  ['no HTTP', 'hello\r\n\r\n', 'SUPERVISE_BUG'],
  ['no JSON', `${HEAD}\r\n<html>`, 'SUPERVISE_BUG'],
  ['of a head that never ends', `HTTP/1.1 200 OK\r\n${'x'.repeat(100_000)}`, 'SUPERVISE_BUG'],
  ['an error without a code', 'HTTP/1.1 500 Oops\r\n\r\n{}', 'SUPERVISE_BUG'],
  [
    'an error with an unknown code',
    'HTTP/1.1 400 Bad\r\n\r\n{"error":{"code":"toString","message":"m"}}',
    'SUPERVISE_BUG',
  ],
  [
    'one of our errors',
    'HTTP/1.1 404 None\r\n\r\n{"error":{"code":"SUPERVISE_NO_JOB","message":"m"}}',
    'SUPERVISE_NO_JOB',
  ],
])('an answer that is %s becomes an error', async (_what, text, code) => {
  speak = (socket) => socket.end(text);
  await expect(request(path, 'GET', 'status')).rejects.toMatchObject({ code });
});

it('a daemon that says nothing is given up', async () => {
  speak = () => {};
  const silent = request(path, 'GET', 'status', undefined, { silenceMs: 20 });
  await expect(silent).rejects.toMatchObject({
    code: 'SUPERVISE_NO_DAEMON',
    message: expect.stringContaining('silent'),
  });
});

it('nobody there', async () => {
  await expect(request(`${path}x`, 'GET', 'status')).rejects.toMatchObject({ code: 'SUPERVISE_NO_DAEMON' });
});

it('a stream gives each line as it comes and ends without an error when aborted', async () => {
  const end = new AbortController();
  let isClosed: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    isClosed = resolve;
  });
  speak = (socket) => {
    socket.once('close', isClosed);
    socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n9\r\n{"a":1}\n{\r\n`);
  };
  const values: unknown[] = [];
  for await (const value of stream(path, 'events', { signal: end.signal })) {
    values.push(value);
    end.abort();
  }
  expect(values).toEqual([{ a: 1 }]);
  await closed;
});

it('a stream that breaks off is an error, after all its whole lines', async () => {
  speak = (socket) => socket.end(`${HEAD}Transfer-Encoding: chunked\r\n\r\n8\r\n{"a":1}\n\r\n`);
  const values: unknown[] = [];
  const reading = async () => {
    for await (const value of stream(path, 'events')) values.push(value);
  };
  await expect(reading()).rejects.toMatchObject({ code: 'SUPERVISE_NO_DAEMON' });
  expect(values).toEqual([{ a: 1 }]);
});

it('leaving a stream closes its connection', async () => {
  let isClosed: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    isClosed = resolve;
  });
  speak = (socket) => {
    socket.once('close', isClosed);
    socket.write(`${HEAD}\r\n{"a":1}\n`);
  };
  for await (const _value of stream(path, 'events')) break;
  await closed;
});

it('an aborted signal opens nothing', async () => {
  speak = () => {};
  const values: unknown[] = [];
  for await (const value of stream(path, 'events', { signal: AbortSignal.abort() })) values.push(value);
  expect(values).toEqual([]);
});
