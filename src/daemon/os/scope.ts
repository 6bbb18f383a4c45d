/**
 * The scope of a run: its process group, plus whatever carries its environment mark. Zombies are dead. Ending it
 * means killing and looking again until nothing is left or the time is over.
 */
import { earliestOf } from '../../core/base/instants.ts';
import type { RunId } from '../../core/job/phase.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock, WakeSource } from '../clock.ts';
import { MARK_VARIABLE, markOf } from '../mark.ts';
import type { MarkedProcess, Processes } from './processes.ts';
import { signalGroup, signalProcess } from './signals.ts';

export interface Scope {
  readonly source: WakeSource;
  /** Living members of the group; `marked` also looks for those that left it. */
  readonly membersOf: (run: RunId, groupId: number, marked: boolean) => number[];
  /** Kills all of it; reports what it ended, and what lives on when the time is over. */
  readonly end: (run: RunId, groupId: number, report: Ending['report']) => void;
  /** Everything that carries a mark of this supervisor, whichever run, but this process and its ancestors. */
  readonly strays: () => MarkedProcess[];
}

interface Ending {
  readonly run: RunId;
  readonly groupId: number;
  readonly report: (ended: readonly number[], living: readonly number[]) => void;
  readonly ended: Set<number>;
  readonly giveUpAtMs: number;
  /** Once seen empty, its number may be a stranger's. */
  groupGone: boolean;
  lookAtMs: number;
  everyMs: number;
}

const LOOK_FIRST_MS = 5;
const LOOK_LAST_MS = 200;

export function createScope(clock: Clock, processes: Processes, markPrefix: string): Scope {
  let endings: Ending[] = [];

  const groupOf = (groupId: number): number[] => {
    // The kernel answers whether the group exists at all far quicker than a look at all processes.
    if (!signalGroup(groupId, 0)) return [];
    const rows = processes.list().filter((row) => row.groupId === groupId && row.state !== 'dead');
    return rows.map((row) => row.pid);
  };
  const markedOf = (run: RunId): number[] => {
    const mark = markOf(markPrefix, run);
    return processes
      .listMarked(MARK_VARIABLE, mark)
      .flatMap((found) => (found.mark === mark ? [found.pid] : []));
  };

  /** Kills what is left; true: nothing was, or the time is over. */
  const advance = (ending: Ending, nowMs: number): boolean => {
    const group = ending.groupGone ? [] : groupOf(ending.groupId);
    ending.groupGone = group.length === 0;
    const left = [...new Set([...group, ...markedOf(ending.run)])];
    if (left.length === 0 || nowMs >= ending.giveUpAtMs) {
      ending.report(
        [...ending.ended].filter((pid) => !left.includes(pid)),
        left,
      );
      return true;
    }
    if (!ending.groupGone) signalGroup(ending.groupId, 'SIGKILL');
    for (const pid of left) {
      ending.ended.add(pid);
      signalProcess(pid, 'SIGKILL');
    }
    ending.lookAtMs = nowMs + ending.everyMs;
    ending.everyMs = Math.min(LOOK_LAST_MS, ending.everyMs * 2);
    return false;
  };

  const look = (): void => {
    const nowMs = clock.now();
    // Taken out first: a report may begin another ending.
    const due = endings.filter((ending) => ending.lookAtMs <= nowMs);
    endings = endings.filter((ending) => ending.lookAtMs > nowMs);
    for (const ending of due) if (!advance(ending, nowMs)) endings.push(ending);
  };

  return {
    source: {
      wakeAtMs: () => earliestOf(endings.map(({ lookAtMs }) => lookAtMs)),
      woke: look,
    },
    membersOf: (run, groupId, marked) => [
      ...new Set([...groupOf(groupId), ...(marked ? markedOf(run) : [])]),
    ],
    end: (run, groupId, report) => {
      const nowMs = clock.now();
      const giveUpAtMs = nowMs + LIMITS.scopeEndMs;
      const common = { run, groupId, report, giveUpAtMs, ended: new Set<number>() };
      endings.push({ ...common, groupGone: false, lookAtMs: nowMs, everyMs: LOOK_FIRST_MS });
      look();
      clock.rearm();
    },
    strays: () => {
      const marked = processes.listMarked(MARK_VARIABLE, markPrefix);
      if (marked.length === 0) return marked;
      // A daemon started from within one of its own jobs: whoever called `start` is marked and must live.
      const mine = lineageOf(process.pid, processes);
      return marked.filter(({ pid }) => !mine.has(pid));
    },
  };
}

/** A process and its ancestors. */
function lineageOf(pid: number, processes: Processes): ReadonlySet<number> {
  const parents = new Map(processes.list().map((row) => [row.pid, row.parentPid]));
  const lineage = new Set<number>();
  for (
    let at: number | undefined = pid;
    at !== undefined && at > 0 && !lineage.has(at);
    at = parents.get(at)
  ) {
    lineage.add(at);
  }
  return lineage;
}
