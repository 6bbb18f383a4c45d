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
  ].map((kind) => {
    const [bare, ours] = [openStamps(bench), openStamps(bench)];
    return { ...kind, bare, ours };
  });
  const parents = kinds.map(({ bare, commandOf }) =>
    bench.spawnNode([bench.fixture('bare-parent.mjs'), '1', 'keep', ...commandOf(bare)]),
  );
  const supervisor = createSupervisor(bench);
  const jobs = kinds.map(({ ours, commandOf }, index) => [
    `job-${index}`,
    { command: commandOf(ours), restart: RESTARTED_AT_ONCE },
  ]);
  await supervisor.start({ workers: kinds.length, jobs: Object.fromEntries(jobs) });

  const results = [];
  for (const { label, most, bare, ours } of kinds) {
    const sides = [await watch(bare), await watch(ours)];
    for (let round = 0; round < rounds; round += 1) for (const side of sides) await killAndWait(side);
    results.push({
      label,
      unit: 'ms',
      baseline: sides[0].measured,
      measured: sides[1].measured,
      target: { ratio: most },
    });
    for (const side of sides) side.stamps.close();
  }
  for (const parent of parents) parent.kill('SIGTERM');
  await supervisor.stop();
  return results;
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
