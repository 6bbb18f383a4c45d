// What 100 children that do nothing cost, sampled each second. Both parents are watched in the same window.
import { rssMb, schedule, sleep } from './measures.mjs';
import { createSupervisor } from './supervisor.mjs';

export const name = 'idle';
export const runs = 1;

const COUNT = 100;
const WARM_UP_MS = 5000;
const WINDOW_MS = 30_000;

export async function run(bench, rounds) {
  const parent = bench.spawnNode([
    bench.fixture('bare-parent.mjs'),
    String(COUNT),
    'once',
    bench.child,
    'idle',
  ]);
  const supervisor = createSupervisor(bench);
  const jobs = Array.from({ length: COUNT }, (_, index) => [
    `job-${index}`,
    { command: [bench.child, 'idle'] },
  ]);
  await supervisor.start({ workers: COUNT, memory: { sample: '1s' }, jobs: Object.fromEntries(jobs) });
  const { pid } = (await supervisor.status()).supervisor;
  await sleep(WARM_UP_MS);
  const bare = [];
  const ours = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = [parent.pid, pid].map(schedule);
    const startedMs = performance.now();
    await sleep(WINDOW_MS);
    const after = [parent.pid, pid].map(schedule);
    const wallNs = (performance.now() - startedMs) * 1e6;
    const percents = after.map(({ cpuNs }, index) => (100 * (cpuNs - before[index].cpuNs)) / wallNs);
    bare.push({ percent: percents[0], rss: rssMb(parent.pid) });
    ours.push({ percent: percents[1], rss: rssMb(pid) });
  }
  parent.kill('SIGTERM');
  await supervisor.stop();
  const pick = (key) => ({
    baseline: bare.map((side) => side[key]),
    measured: ours.map((side) => side[key]),
  });
  return [
    {
      label: `${COUNT} idle jobs: CPU of one core`,
      unit: '%',
      digits: 3,
      ...pick('percent'),
      target: { most: 0.5 },
    },
    { label: `${COUNT} idle jobs: resident memory`, unit: 'MB', ...pick('rss'), target: { most: 65 } },
  ];
}
