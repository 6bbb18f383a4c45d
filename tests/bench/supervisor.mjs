// A supervisor of our own in a private SUPERVISE_HOME, driven by the command line as a person would.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { monotonicNs } from './stamps.mjs';

const CLI = fileURLToPath(new URL('../../bin/supervise.js', import.meta.url));
let made = 0;

/** Restarted at once and for ever. */
export const RESTARTED_AT_ONCE = {
  policy: 'always',
  backoff: { initial: 0, max: 0 },
  intensity: { restarts: 'unlimited' },
};

export function createSupervisor(bench) {
  made += 1;
  const home = join(bench.folder, `home-${made}`);
  const name = `bench-${made}`;
  const file = join(bench.folder, `${name}.json`);
  const env = { ...bench.environment, SUPERVISE_HOME: home, SUPERVISE_NAME: name };
  mkdirSync(home, { mode: 0o700 });
  let isUp = false;

  /** One command; resolves when the process is over. */
  const command = (...args) =>
    new Promise((resolve, reject) => {
      const called = { ns: monotonicNs(), wallMs: Date.now() };
      const child = spawn(process.execPath, [CLI, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env,
        cwd: bench.folder,
      });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      let endedNs = 0n;
      child.on('exit', () => {
        endedNs = monotonicNs();
      });
      child.on('close', (code) => {
        if (code === 0) resolve({ called, endedNs, stdout });
        else reject(new Error(`supervise ${args.join(' ')} ended with ${code}: ${stderr}`));
      });
    });

  bench.onClose(() => {
    if (isUp) spawnSync(process.execPath, [CLI, 'stop'], { stdio: 'ignore', env, timeout: 20_000 });
  });

  return {
    command,
    /** Writes the file and starts or applies it. */
    start: (config) => {
      writeFileSync(file, JSON.stringify({ name, ...config }));
      isUp = true;
      return command('start', file);
    },
    stop: async () => {
      const ended = await command('stop');
      isUp = false;
      return ended;
    },
    status: async () => JSON.parse((await command('status', '--json')).stdout),
    /** Wall milliseconds of the first event of that type since `sinceMs`, from the journal. */
    eventWallMs: (type, sinceMs) => {
      const records = readFileSync(join(home, name, 'journal.ndjson'), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
      return records.find((record) => record.type === type && record.wall >= sinceMs)?.wall ?? null;
    },
  };
}
