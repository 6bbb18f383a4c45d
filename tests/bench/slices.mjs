// Four children that compute without end share one slot in slices of 100 ms: how equal, how full, at what cost.
import { once } from 'node:events';
import { jain, schedule, sleep } from './measures.mjs';
import { createSupervisor } from './supervisor.mjs';

export const name = 'slices';
export const runs = 1;

const BURNERS = 4;
const QUANTUM_MS = 100;
const WARM_UP_MS = 2000;
const WINDOW_MS = 20_000;

export async function run(bench, rounds) {
  const bare = [];
  const ours = [];
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await shareBare(bench));
    ours.push(await shareOurs(bench));
  }
  const pick = (key) => ({
    baseline: bare.map((share) => share[key]),
    measured: ours.map((share) => share[key]),
  });
  const label = `${BURNERS} on one slot, ${QUANTUM_MS} ms`;
  return [
    { label: `${label}: Jain's index`, unit: '', digits: 5, ...pick('jain'), target: { least: 0.999 } },
    {
      label: `${label}: use of the slot`,
      unit: '%',
      digits: 2,
      ...pick('usePercent'),
      target: { least: 99 },
      parts: [
        { label: 'slot held, but the core busy with others', unit: '%', digits: 2, ...pick('waitedPercent') },
      ],
    },
    {
      label: `${label}: CPU of the scheduler`,
      unit: '%',
      digits: 2,
      ...pick('ownPercent'),
      target: { most: 1.5 },
    },
  ];
}

async function shareBare(bench) {
  const args = [
    bench.fixture('bare-round-robin.mjs'),
    String(BURNERS),
    String(QUANTUM_MS),
    bench.child,
    'burn',
  ];
  const parent = bench.spawnNode(args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(parent.stdout, 'data');
  const share = await watch(parent.pid, JSON.parse(line));
  parent.kill('SIGTERM');
  await once(parent, 'exit');
  return share;
}

async function shareOurs(bench) {
  const supervisor = createSupervisor(bench);
  const jobs = Array.from({ length: BURNERS }, (_, index) => [
    `burner-${index}`,
    { command: [bench.child, 'burn'] },
  ]);
  await supervisor.start({
    workers: 1,
    schedule: { policy: 'round-robin', quantum: QUANTUM_MS },
    jobs: Object.fromEntries(jobs),
  });
  await sleep(BURNERS * QUANTUM_MS);
  const status = await supervisor.status();
  const share = await watch(
    status.supervisor.pid,
    status.jobs.map((job) => job.pid),
  );
  await supervisor.stop();
  return share;
}

async function watch(parent, pids) {
  await sleep(WARM_UP_MS);
  const read = () => ({ atMs: performance.now(), own: schedule(parent), burners: pids.map(schedule) });
  const before = read();
  await sleep(WINDOW_MS);
  const after = read();
  const wallNs = (after.atMs - before.atMs) * 1e6;
  const received = after.burners.map(({ cpuNs }, index) => cpuNs - before.burners[index].cpuNs);
  const waited = after.burners.map(({ waitedNs }, index) => waitedNs - before.burners[index].waitedNs);
  const percent = (numbers) => (100 * numbers.reduce((sum, number) => sum + number, 0)) / wallNs;
  return {
    jain: jain(received),
    usePercent: percent(received),
    waitedPercent: percent(waited),
    ownPercent: percent([after.own.cpuNs - before.own.cpuNs]),
  };
}
