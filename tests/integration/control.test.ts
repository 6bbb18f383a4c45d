/** The control socket against odd requests and a socket file that is removed. */
import { existsSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { child } from '../helpers/children.ts';
import { until } from '../helpers/until.ts';
import { openWorld } from '../helpers/world.ts';

const file = { workers: 2, jobs: { runs: { command: child('echo.js'), ready: 'message' } } };

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One request as it is, without a client that would refuse to send it. */
function raw(socketPath: string, method: string, path: string, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('the control socket', () => {
  it('answers whatever it does not understand with an error, and nothing else happens', async () => {
    const world = openWorld();
    await world.start(file);
    const before = await world.untilJob('runs', (job) => job.ready);
    const { socket } = world.paths();
    const odd: [string, string, string][] = [
      ['GET', '//', ''],
      ['GET', '//evil.example/api/v1/status', ''],
      ['GET', '/api/v1/jobs/%E0%A4%A', ''],
      ['GET', '/api/v1/jobs/__proto__', ''],
      ['GET', '/api/v1/jobs/runs/log?lines=-1', ''],
      ['POST', '/api/v1/jobs', '[]'],
      ['POST', '/api/v1/jobs', '{"config":{}}'],
      ['POST', '/api/v1/jobs/runs/explode', ''],
      ['POST', '/api/v1/jobs/runs/signal', '{"signal":"SIGNOTHING"}'],
      ['POST', '/api/v1/schedule', '{"workers":0}'],
      ['POST', '/api/v1/schedule', '{"policy":"fifo"}'],
      ['POST', '/api/v1/schedule', 'not json'],
      ['DELETE', '/api/v1/status', ''],
    ];
    for (const [method, path, body] of odd) {
      const answer = await raw(socket, method, path, body);
      expect([400, 404], `${method} ${path}`).toContain(answer.status);
      expect(JSON.parse(answer.body)).toMatchObject({
        error: { code: expect.stringMatching(/^SUPERVISE_/) },
      });
    }
    expect(await world.job('runs')).toMatchObject({ pid: before.pid, phase: 'running' });
    await world.ok('stop');
  });

  it('is made again when its file is removed', async () => {
    const world = openWorld();
    await world.start(file);
    const { pid } = await world.untilJob('runs', (job) => job.ready);
    rmSync(world.paths().socket);
    await until(() => existsSync(world.paths().socket), { describe: 'the socket made again' });
    expect((await world.untilJob('runs', (job) => job.ready)).pid).toBe(pid);
    await world.ok('stop');
  });
});
