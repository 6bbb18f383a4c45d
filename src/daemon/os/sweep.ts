/**
 * One sweep: a single pass over the process table for who belongs to which group and what state it is in, one
 * batch of pidusage for memory and CPU of all members. A group of several processes that sums over its limit is
 * judged by its proportional share, so that pages its processes share count once.
 */
import { readFileSync } from 'node:fs';
import type { Reading } from '../../core/input.ts';
import type { RunId } from '../../core/job/phase.ts';
import type { Processes, ProcessRow } from './processes.ts';
import type { ProcessUsage, UsageReader } from './usage.ts';

export interface SweptRun {
  readonly run: RunId;
  readonly pid: number;
  readonly maxBytes: number | null;
  readonly expected: 'stopped' | 'computing' | 'any';
}

export interface SweepResult {
  readonly readings: readonly Reading[];
  /** Runs whose leader is not in the state it should be in. */
  readonly drifted: readonly { readonly run: RunId; readonly found: 'stopped' | 'continued' }[];
  /** CPU time of this process meanwhile. */
  readonly costMs: number;
}

/** Living members of every group, by group id. */
function groupMembers(rows: readonly ProcessRow[]): Map<number, ProcessRow[]> {
  const groups = new Map<number, ProcessRow[]>();
  for (const row of rows) {
    if (row.state === 'dead') continue;
    const members = groups.get(row.groupId);
    if (members === undefined) groups.set(row.groupId, [row]);
    else members.push(row);
  }
  return groups;
}

type Groups = ReadonlyMap<number, readonly ProcessRow[]>;

export interface SweepTools {
  readonly processes: Processes;
  readonly usage: UsageReader;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly intervalMs: number;
  /** The table of the last full pass. */
  readonly known: { readonly groups: Groups; readonly atMs: number } | null;
}

/** Where no limit depends on it, who belongs to which group is looked up this often. */
const MEMBERS_EVERY_MS = 1000;

/** Reads all `runs`. */
export async function sweep(
  runs: readonly SweptRun[],
  tools: SweepTools,
): Promise<SweepResult & { readonly known: NonNullable<SweepTools['known']> }> {
  const cpuBefore = process.cpuUsage();
  const startedAtMs = tools.now();
  const known = membersNow(runs, tools, startedAtMs);
  const { groups } = known;
  const drifted = runs.flatMap((run) => drift(run, groups.get(run.pid) ?? []));
  const pids = runs.flatMap((run) => (groups.get(run.pid) ?? []).map((row) => row.pid));
  const usages = await tools.usage.read(pids, tools.intervalMs);
  const ageMs = tools.now() - startedAtMs;
  const readings = runs.flatMap((run) => readingOf(run, groups.get(run.pid) ?? [], usages, ageMs));
  const spent = process.cpuUsage(cpuBefore);
  return { readings, drifted, known, costMs: (spent.user + spent.system) / 1000 };
}

/** A full pass over all processes, or, where that is not due, the known members read anew one by one. */
function membersNow(
  runs: readonly SweptRun[],
  tools: SweepTools,
  nowMs: number,
): NonNullable<SweepTools['known']> {
  const { known, processes } = tools;
  const isLimited = runs.some((run) => run.maxBytes !== null);
  if (known === null || isLimited || nowMs - known.atMs >= MEMBERS_EVERY_MS) {
    return { groups: groupMembers(processes.list()), atMs: nowMs };
  }
  const pids = runs.flatMap(({ pid }) => known.groups.get(pid)?.map((row) => row.pid) ?? [pid]);
  return { groups: groupMembers(pids.flatMap((pid) => processes.read(pid) ?? [])), atMs: known.atMs };
}

function drift(run: SweptRun, members: readonly ProcessRow[]): SweepResult['drifted'] {
  const leader = members.find((row) => row.pid === run.pid);
  if (leader === undefined) return [];
  if (run.expected === 'computing' && leader.state === 'stopped') return [{ run: run.run, found: 'stopped' }];
  if (run.expected === 'stopped' && leader.state !== 'stopped') return [{ run: run.run, found: 'continued' }];
  return [];
}

/** No reading at all when no member could be read: unknown is not 0. */
function readingOf(
  run: SweptRun,
  members: readonly ProcessRow[],
  usages: ReadonlyMap<number, ProcessUsage>,
  ageMs: number,
): Reading[] {
  const known = members.flatMap((row) => usages.get(row.pid) ?? []);
  if (known.length === 0) return [];
  const residentBytes = sum(known.map((usage) => usage.rssBytes));
  const percents = known.flatMap((usage) => usage.cpuPercent ?? []);
  const overLimit = run.maxBytes !== null && residentBytes > run.maxBytes;
  const rssBytes = overLimit && known.length > 1 ? proportionalBytes(members, residentBytes) : residentBytes;
  return [
    {
      run: run.run,
      rssBytes,
      cpuMs: sum(known.map((usage) => usage.cpuMs)),
      cpuPercent: percents.length === 0 ? null : Math.round(sum(percents) * 10) / 10,
      processes: known.length,
      ageMs,
    },
  ];
}

/** Sum of the proportional set sizes; the resident sum where the kernel does not tell. */
function proportionalBytes(members: readonly ProcessRow[], residentBytes: number): number {
  let bytes = 0;
  for (const { pid } of members) {
    try {
      const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
      bytes += match === null ? 0 : Number(match[1]) * 1024;
    } catch (error) {
      // Gone since the sweep began: it holds nothing any more. Anything else: not told.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ESRCH' && code !== 'ENOENT') return residentBytes;
    }
  }
  return bytes === 0 ? residentBytes : bytes;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
