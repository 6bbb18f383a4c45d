// From SIGKILL of a child to the first user code of its successor, without a backoff.
import { milliseconds, sleep } from './measures.mjs';
import { monotonicNs, openStamps } from './stamps.mjs';
import { createSupervisor, RESTARTED_AT_ONCE } from './supervisor.mjs';

export const name = 'restart';
export const runs = 20;

/** A child has lived for so long before it is killed. */
const UPTIME_MS = 200;

export async function run(bench, rounds) {
  const kinds = [
    { label: `restart, ${bench.childKind}`, most: 1.3, commandOf: ({ args }) => [bench.child, ...args] },
    {
      label: 'restart, Node child',
      most: 1.1,
      commandOf: ({ stampsPath }) => [process.execPath, bench.tick, stampsPath],
    },
  ].map((kind) => ({
    ...kind,
    bare: openStamps(bench),
    channel: openStamps(bench),
    ours: openStamps(bench),
  }));
  const parents = kinds.flatMap(({ bare, channel, commandOf }) => [
    spawnBare(bench, 'keep', commandOf(bare)),
    spawnBare(bench, 'keep-with-channel', commandOf(channel)),
  ]);
  const supervisor = createSupervisor(bench);
  const jobs = kinds.map(({ ours, commandOf }, index) => [
    `job-${index}`,
    { command: commandOf(ours), restart: RESTARTED_AT_ONCE },
  ]);
  await supervisor.start({ workers: kinds.length, jobs: Object.fromEntries(jobs) });

  const results = [];
  for (const kind of kinds) results.push(await measure(kind, rounds));
  for (const parent of parents) parent.kill('SIGTERM');
  await supervisor.stop();
  return results;
}

function spawnBare(bench, mode, command) {
  return bench.spawnNode([bench.fixture('bare-parent.mjs'), '1', mode, ...command]);
}

async function measure({ label, most, bare, channel, ours }, rounds) {
  const sides = await Promise.all([bare, channel, ours].map(watch));
  for (let round = 0; round < rounds; round += 1) for (const side of sides) await killAndWait(side);
  for (const { stamps } of sides) stamps.close();
  const [baseline, withChannel, measured] = sides.map((side) => side.measured);
  const parts = [
    { label: 'bare Node, child with a message channel as every job has', unit: 'ms', measured: withChannel },
  ];
  return { label, unit: 'ms', baseline, measured, target: { ratio: most }, parts };
}

async function watch(stamps) {
  const [{ pid }] = await stamps.take(1);
  return { stamps, pid, measured: [] };
}

async function killAndWait(side) {
  await sleep(UPTIME_MS);
  const killedNs = monotonicNs();
  process.kill(side.pid, 'SIGKILL');
  const [next] = await side.stamps.take(1);
  side.pid = next.pid;
  side.measured.push(milliseconds(next.atNs - killedNs));
}
