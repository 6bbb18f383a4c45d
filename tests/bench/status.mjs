// `supervise status` with ten jobs, against Node doing nothing at all.
import { once } from 'node:events';
import { milliseconds } from './measures.mjs';
import { monotonicNs } from './stamps.mjs';
import { createSupervisor } from './supervisor.mjs';

export const name = 'status';
export const runs = 30;

const COUNT = 10;

export async function run(bench, rounds) {
  const supervisor = createSupervisor(bench);
  const jobs = Array.from({ length: COUNT }, (_, index) => [
    `job-${index}`,
    { command: [bench.child, 'idle'] },
  ]);
  await supervisor.start({ workers: COUNT, jobs: Object.fromEntries(jobs) });
  const baseline = [];
  const measured = [];
  for (let round = 0; round < rounds; round += 1) {
    baseline.push(await runNothing(bench));
    const { called, endedNs } = await supervisor.command('status');
    measured.push(milliseconds(endedNs - called.ns));
  }
  await supervisor.stop();
  return [
    { label: 'supervise status, against node -e 0', unit: 'ms', baseline, measured, target: { ratio: 2 } },
  ];
}

async function runNothing(bench) {
  const calledNs = monotonicNs();
  const child = bench.spawnNode(['-e', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  child.stderr.resume();
  await once(child, 'exit');
  return milliseconds(monotonicNs() - calledNs);
}
