/**
 * Checks what `dependsOn` of all jobs say together: targets that do not exist, and cycles. It works on names as
 * the file has them, before replicas are made.
 */
import type { CheckedFile } from './file.ts';
import { reportUnknownName } from './issues.ts';
import { nearestName } from './nearest.ts';
import { keyPlace, keyText, mistake, type Report } from './report.ts';
import { type Entry, entriesOf, entryOf } from './tree.ts';

/** Comparisons spent on guesses: in a file of ten thousand wrong names the last ones get none. */
const COMPARISONS_MAX = 2_000_000;
const CYCLES_MAX = 100;
/** Longer cycles are shown by their beginning. */
const CYCLE_NAMES_SHOWN = 12;

type Dependencies = ReadonlyMap<string, readonly Entry[]>;

interface Visit {
  readonly name: string;
  next: number;
}

/** Reports unknown targets, and each cycle once. */
export function checkDependencies(report: Report, file: CheckedFile): void {
  const dependencies = new Map<string, Entry[]>();
  let comparisonsLeft = COMPARISONS_MAX;
  for (const job of file.jobs) {
    const owner = entryOf(job.node, job.path, 'dependsOn');
    const known: Entry[] = [];
    for (const entry of entriesOf(owner?.node, owner?.path ?? [])) {
      if (file.jobNames.has(entry.key)) {
        known.push(entry);
        continue;
      }
      comparisonsLeft -= file.jobNames.size;
      const nearest = comparisonsLeft > 0 ? nearestName(entry.key, file.jobNames) : null;
      reportUnknownName(report, keyPlace(entry), 'job', keyText(report, entry), nearest);
    }
    dependencies.set(job.name, known);
  }
  for (const cycle of findCycles(dependencies)) reportCycle(report, dependencies, cycle);
}

/**
 * One cycle for each dependency that leads back to a job still being visited: without these there is no cycle
 * left. A loop and not a recursion, because a chain may be as long as there are jobs.
 */
function findCycles(dependencies: Dependencies): string[][] {
  const cycles: string[][] = [];
  const state = new Map<string, 'visiting' | 'visited'>();
  for (const start of dependencies.keys()) {
    if (state.has(start)) continue;
    const stack: Visit[] = [{ name: start, next: 0 }];
    state.set(start, 'visiting');
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const target = dependencies.get(top.name)?.[top.next]?.key;
      top.next += 1;
      if (target === undefined) {
        state.set(top.name, 'visited');
        stack.pop();
      } else if (state.get(target) === 'visiting') {
        const names = stack.map((visit) => visit.name);
        cycles.push(names.slice(names.lastIndexOf(target)));
        if (cycles.length === CYCLES_MAX) return cycles;
      } else if (!state.has(target)) {
        state.set(target, 'visiting');
        stack.push({ name: target, next: 0 });
      }
    }
  }
  return cycles;
}

/** At the first dependency of the cycle; it starts with the job that comes first in the file. */
function reportCycle(report: Report, dependencies: Dependencies, cycle: readonly string[]): void {
  const places = cycle.map((name, index) => {
    const target = cycle[(index + 1) % cycle.length];
    return dependencies.get(name)?.find((entry) => entry.key === target);
  });
  const offsets = places.map((entry) => entry?.keyNode.offset ?? Number.POSITIVE_INFINITY);
  const first = offsets.indexOf(offsets.reduce((least, offset) => Math.min(least, offset)));
  const entry = places[first];
  if (entry === undefined) return;
  const names = [...cycle.slice(first), ...cycle.slice(0, first)];
  mistake(report, keyPlace(entry), 'no cycle', cycleText(names));
}

function cycleText(names: readonly string[]): string {
  const [first] = names;
  const shown = names.slice(0, CYCLE_NAMES_SHOWN);
  const rest = names.length - shown.length;
  return [...shown, ...(rest > 0 ? [`… (${rest} more)`] : []), first].join(' -> ');
}
