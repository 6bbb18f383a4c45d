// From the call of `supervise stop` until all of 100 children are gone. The bare parent is asked by a signal, which
// costs nothing; how long it takes when a Node command has to send that signal is shown beside.
import { milliseconds } from './measures.mjs';
import { monotonicNs, openStamps } from './stamps.mjs';
import { createSupervisor } from './supervisor.mjs';

export const name = 'stop';
export const runs = 8;

const COUNT = 100;

export async function run(bench, rounds) {
  const [bare, ours] = [openStamps(bench), openStamps(bench)];
  const rows = { baseline: [], commanded: [], measured: [], request: [], daemon: [], answered: [] };
  for (let round = 0; round < rounds; round += 1) {
    rows.baseline.push(await stopBare(bench, bare, (parent) => parent.kill('SIGTERM')));
    rows.commanded.push(
      await stopBare(bench, bare, (parent) =>
        bench.spawnNode(['-e', `process.kill(${parent.pid}, 'SIGTERM')`]),
      ),
    );
    const stopped = await stopOurs(bench, ours);
    for (const [key, value] of Object.entries(stopped)) rows[key].push(value);
  }
  bare.close();
  ours.close();
  const { baseline, measured } = rows;
  return [
    {
      label: `stop ${COUNT}, ${bench.childKind}`,
      unit: 'ms',
      baseline,
      measured,
      target: { ratio: 3 },
      parts: [
        { label: 'bare Node, asked by a Node command', unit: 'ms', measured: rows.commanded },
        { label: 'call → asked of the daemon', unit: 'ms', measured: rows.request },
        { label: 'asked → all gone', unit: 'ms', measured: rows.daemon },
        { label: 'call → command has returned', unit: 'ms', measured: rows.answered },
      ],
    },
  ];
}

async function stopBare(bench, stamps, ask) {
  const parent = bench.spawnNode([
    bench.fixture('bare-parent.mjs'),
    String(COUNT),
    'once',
    bench.child,
    ...stamps.args,
  ]);
  await stamps.take(COUNT);
  const gone = stamps.gone();
  const calledNs = monotonicNs();
  ask(parent);
  return milliseconds((await gone) - calledNs);
}

async function stopOurs(bench, stamps) {
  const supervisor = createSupervisor(bench);
  const jobs = Array.from({ length: COUNT }, (_, index) => [
    `job-${index}`,
    { command: [bench.child, ...stamps.args] },
  ]);
  await supervisor.start({ workers: COUNT, jobs: Object.fromEntries(jobs) });
  await stamps.take(COUNT);
  const gone = stamps.gone();
  const { called, endedNs } = await supervisor.stop();
  const measured = milliseconds((await gone) - called.ns);
  const request = supervisor.eventWallMs('supervisor.stop-requested', called.wallMs) - called.wallMs;
  return { measured, request, daemon: measured - request, answered: milliseconds(endedNs - called.ns) };
}
