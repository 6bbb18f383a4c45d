/** What the kernel says about processes. A zombie is dead: process 1 of a container may take seconds to reap. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  readonly command: string;
  /** R, S, D, T, t, Z … as in proc(5). */
  readonly state: string;
  readonly groupId: number;
  readonly sessionId: number;
  readonly parentId: number;
}

/** Null: there is no such process. */
export function processOf(pid: number): Process | null {
  const stat = textOf(`/proc/${pid}/stat`);
  if (stat === null || stat === '') return null;
  const command = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  const [state = '', parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    command,
    state,
    groupId: Number(group),
    sessionId: Number(session),
    parentId: Number(parent),
  };
}

/** Whether it exists and is no zombie. */
export function isAlive(pid: number): boolean {
  const { state } = processOf(pid) ?? { state: 'X' };
  return state !== 'Z' && state !== 'X';
}

/** Whether it exists and is stopped. */
export function isStopped(pid: number): boolean {
  return processOf(pid)?.state === 'T';
}

/** Living processes of a process group. */
export function groupOf(groupId: number): Process[] {
  return allPids().flatMap((pid) => {
    const found = processOf(pid);
    return found !== null && found.groupId === groupId && found.state !== 'Z' ? [found] : [];
  });
}

/** Living processes whose environment holds one of `texts`; the environment of a zombie is empty. */
export function processesWith(texts: readonly string[]): Process[] {
  return allPids().flatMap((pid) => {
    if (pid === process.pid) return [];
    const environment = textOf(`/proc/${pid}/environ`) ?? '';
    if (!texts.some((text) => environment.includes(text))) return [];
    const found = processOf(pid);
    return found !== null && isAlive(pid) ? [found] : [];
  });
}

/** Milliseconds for which it has been on a CPU; 0 when it is gone. */
export function computedMs(pid: number): number {
  return Number(textOf(`/proc/${pid}/schedstat`)?.split(' ')[0] ?? 0) / 1e6;
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
