// Usage: npm run bench -- [--only NAME]… [--runs N] [--markdown]
//
// What supervise costs over a bare Node parent. Every number stands beside a baseline that was measured in the
// same run, taking turns with it, since a ratio survives a busy machine and a millisecond does not. The load is
// printed because a table without it says nothing. Writes to stdout only.
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import * as idle from './idle.mjs';
import { createLoadMeter } from './measures.mjs';
import { linesOf, markdownOf } from './report.mjs';
import * as restart from './restart.mjs';
import * as slices from './slices.mjs';
import * as start from './start.mjs';
import * as status from './status.mjs';
import * as stop from './stop.mjs';
import { openWorkbench } from './workbench.mjs';

const BENCHMARKS = [restart, start, stop, slices, idle, status];

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    runs: { type: 'string' },
    markdown: { type: 'boolean', default: false },
  },
});
const chosen = BENCHMARKS.filter(({ name }) => values.only === undefined || values.only.includes(name));
const unknown = (values.only ?? []).filter(
  (name) => !BENCHMARKS.some((benchmark) => benchmark.name === name),
);
if (unknown.length > 0)
  fail(`unknown: ${unknown.join(', ')}; there are ${BENCHMARKS.map(({ name }) => name).join(', ')}`);
const runs = values.runs === undefined ? null : Number(values.runs);
if (runs !== null && !(Number.isInteger(runs) && runs > 0)) fail('--runs: expected a whole number above 0');
if (process.platform !== 'linux') fail('these benchmarks read /proc and need Linux');

const bench = openWorkbench();
const load = createLoadMeter();
const all = [];
const [cpu] = cpus();
const machine = `${cpus().length} × ${cpu.model.trim()}, Linux ${release()}, Node ${process.version}, ${bench.childKind}`;
if (!values.markdown) console.log(`${machine}\nmedian [min–max]\n`);
for (const { name, run, runs: usual } of chosen) {
  load();
  const results = await run(bench, runs ?? usual);
  const { busyPercent, loadAverage } = load();
  all.push(...results);
  if (values.markdown) continue;
  console.log(
    `${name} (${runs ?? usual} × both; cores busy ${busyPercent.toFixed(0)} %, load ${loadAverage})`,
  );
  for (const result of results) console.log(linesOf(result).join('\n'));
  console.log('');
}
if (values.markdown) console.log(`${markdownOf(all)}\n\nmedian [min–max] on ${machine}`);
bench.close();
process.exit(0);

function fail(message) {
  console.error(message);
  process.exit(2);
}
