/**
 * The same questions answered by `ps`, for macOS and other systems without /proc. Slower (a process for each
 * question) and coarser (start times to the second, environments only of one's own processes).
 */
import { spawnSync } from 'node:child_process';
import type { Processes, ProcessRow, ProcessState } from './processes.ts';

export const psProcesses: Processes = {
  list: () =>
    ps(['-A', '-o', 'pid=,ppid=,pgid=,stat=']).map((line): ProcessRow => {
      const [pid, parentPid, groupId, state] = line.trim().split(/\s+/);
      return {
        pid: Number(pid),
        parentPid: Number(parentPid),
        groupId: Number(groupId),
        state: stateFrom(state),
      };
    }),
  read: (pid) => psProcesses.list().find((row) => row.pid === pid) ?? null,
  stateOf: (pid) => stateFrom(ps(['-o', 'stat=', '-p', String(pid)])[0]?.trim()),
  startTimeOf: (pid) => {
    const started = Date.parse(ps(['-o', 'lstart=', '-p', String(pid)])[0]?.trim() ?? '');
    return Number.isNaN(started) ? null : Math.floor(started / 1000);
  },
  listMarked: (name, prefix) =>
    ps(['-A', '-E', '-ww', '-o', 'pid=,command=']).flatMap((line) => {
      const mark = new RegExp(` ${name}=(\\S*)`).exec(line)?.[1];
      return mark?.startsWith(prefix) ? [{ pid: Number.parseInt(line, 10), mark }] : [];
    }),
};

function ps(args: readonly string[]): string[] {
  const { stdout } = spawnSync('ps', args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    timeout: 5000,
  });
  return (stdout ?? '').split('\n').filter((line) => line !== '');
}

function stateFrom(letters: string | undefined): ProcessState {
  if (letters === undefined || letters.startsWith('Z')) return 'dead';
  return letters.startsWith('T') ? 'stopped' : 'other';
}
