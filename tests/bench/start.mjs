// From the call of `supervise start` to the first user code of the last of 100 children, the daemon being up.
// The bare parent starts and spawns in one process, without a hop and without reading a file.
import { milliseconds } from './measures.mjs';
import { monotonicNs, openStamps } from './stamps.mjs';
import { createSupervisor } from './supervisor.mjs';

export const name = 'start';
export const runs = 8;

const COUNT = 100;

export async function run(bench, rounds) {
  const [bare, ours] = [openStamps(bench), openStamps(bench)];
  const rows = { baseline: [], measured: [], request: [], daemon: [], answered: [] };
  for (let round = 0; round < rounds; round += 1) {
    rows.baseline.push(await startBare(bench, bare));
    const started = await startOurs(bench, ours);
    for (const [key, value] of Object.entries(started)) rows[key].push(value);
  }
  bare.close();
  ours.close();
  const { baseline, measured } = rows;
  return [
    {
      label: `start ${COUNT}, ${bench.childKind}, daemon up`,
      unit: 'ms',
      baseline,
      measured,
      target: { ratio: 1.5 },
      parts: [
        { label: 'call → admitted by the daemon', unit: 'ms', measured: rows.request },
        { label: 'admitted → last child', unit: 'ms', measured: rows.daemon },
        { label: 'call → command has returned', unit: 'ms', measured: rows.answered },
      ],
    },
  ];
}

async function startBare(bench, stamps) {
  const calledNs = monotonicNs();
  const parent = bench.spawnNode([
    bench.fixture('bare-parent.mjs'),
    String(COUNT),
    'once',
    bench.child,
    ...stamps.args,
  ]);
  const last = (await stamps.take(COUNT)).at(-1);
  const gone = stamps.gone();
  parent.kill('SIGTERM');
  await gone;
  return milliseconds(last.atNs - calledNs);
}

async function startOurs(bench, stamps) {
  const supervisor = createSupervisor(bench);
  const first = { first: { command: [bench.child, 'idle'] } };
  await supervisor.start({ workers: COUNT + 1, jobs: first });
  const more = Array.from({ length: COUNT }, (_, index) => [
    `job-${index}`,
    { command: [bench.child, ...stamps.args] },
  ]);
  const { called, endedNs } = await supervisor.start({
    workers: COUNT + 1,
    jobs: { ...first, ...Object.fromEntries(more) },
  });
  const last = (await stamps.take(COUNT)).at(-1);
  const gone = stamps.gone();
  await supervisor.stop();
  await gone;
  const measured = milliseconds(last.atNs - called.ns);
  const request = supervisor.eventWallMs('job.admitted', called.wallMs) - called.wallMs;
  return { measured, request, daemon: measured - request, answered: milliseconds(endedNs - called.ns) };
}
