/**
 * The scope of a run: its process group, plus whatever carries its environment mark. Zombies are dead. Ending it
 * means killing and looking again until nothing is left or the time is over.
 */
import type { RunId } from '../../core/job/phase.ts';
import type { Clock, WakeSource } from '../clock.ts';
import { MARK_VARIABLE, markOf } from '../mark.ts';
import type { MarkedProcess, Processes } from './processes.ts';
import { signalGroup, signalProcess } from './signals.ts';

export interface Scope {
  readonly source: WakeSource;
  /** Living members of the group; `marked` also looks for those that left it. */
  readonly membersOf: (run: RunId, groupId: number, marked: boolean) => number[];
  /** Kills all of it; reports the pids it ended once nothing is left. */
  readonly end: (run: RunId, groupId: number, report: (ended: readonly number[]) => void) => void;
  /** Everything that carries a mark of this supervisor, whichever run, but this process and its ancestors. */
  readonly strays: () => MarkedProcess[];
}

interface Ending {
  readonly run: RunId;
  readonly groupId: number;
  readonly report: (ended: readonly number[]) => void;
  readonly ended: Set<number>;
  lookAtMs: number;
}

const LOOK_EVERY_MS = 5;

export function createScope(clock: Clock, processes: Processes, markPrefix: string): Scope {
  let endings: Ending[] = [];

  const membersOf = (run: RunId, groupId: number, marked: boolean): number[] => {
    // The kernel answers whether the group exists at all far quicker than a look at all processes.
    const inGroup = signalGroup(groupId, 0)
      ? processes.list().filter((row) => row.groupId === groupId && row.state !== 'dead')
      : [];
    const pids = new Set(inGroup.map((row) => row.pid));
    if (!marked) return [...pids];
    const mark = markOf(markPrefix, run);
    for (const found of processes.listMarked(MARK_VARIABLE, mark))
      if (found.mark === mark) pids.add(found.pid);
    return [...pids];
  };

  /** Kills what is left; true: nothing was. */
  const advance = (ending: Ending): boolean => {
    const left = membersOf(ending.run, ending.groupId, true);
    if (left.length === 0) return true;
    signalGroup(ending.groupId, 'SIGKILL');
    for (const pid of left) {
      ending.ended.add(pid);
      signalProcess(pid, 'SIGKILL');
    }
    ending.lookAtMs = clock.now() + LOOK_EVERY_MS;
    return false;
  };

  const look = (): void => {
    const nowMs = clock.now();
    const over = endings.filter((ending) => ending.lookAtMs <= nowMs && advance(ending));
    endings = endings.filter((ending) => !over.includes(ending));
    for (const ending of over) ending.report([...ending.ended]);
  };

  return {
    source: {
      wakeAtMs: () =>
        endings.reduce<number | null>((at, { lookAtMs }) => Math.min(at ?? lookAtMs, lookAtMs), null),
      woke: look,
    },
    membersOf,
    end: (run, groupId, report) => {
      endings.push({ run, groupId, report, ended: new Set(), lookAtMs: clock.now() });
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
