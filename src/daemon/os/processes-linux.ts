/**
 * /proc. One reused buffer and plain open-read-close: a third of the cost of `readFileSync` (measured 7 against
 * 32 µs a file). A process that vanishes while it is read is dead, not an error.
 */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import type { Processes, ProcessRow, ProcessState } from './processes.ts';

const buffer = Buffer.allocUnsafe(1024);

export const linuxProcesses: Processes = {
  list: () => {
    const rows: ProcessRow[] = [];
    for (const entry of readdirSync('/proc')) {
      const first = entry.charCodeAt(0);
      if (first < 48 || first > 57) continue;
      const row = readRow(Number(entry));
      if (row !== null) rows.push(row);
    }
    return rows;
  },
  read: readRow,
  stateOf: (pid) => stateFrom(statFields(pid)?.[0]),
  startTimeOf: (pid) => {
    const ticks = statFields(pid)?.[19];
    return ticks === undefined ? null : Number(ticks);
  },
  listMarked: (name, prefix) => {
    const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
    return pids.map(Number).flatMap((pid) => {
      const mark = environmentValue(pid, name);
      return mark?.startsWith(prefix) && linuxProcesses.stateOf(pid) !== 'dead' ? [{ pid, mark }] : [];
    });
  },
};

function readRow(pid: number): ProcessRow | null {
  const fields = statFields(pid);
  if (fields === null) return null;
  return { pid, parentPid: Number(fields[1]), groupId: Number(fields[2]), state: stateFrom(fields[0]) };
}

/** The fields of /proc/PID/stat after the command name, which may hold spaces and parentheses itself. */
function statFields(pid: number): string[] | null {
  let descriptor: number;
  try {
    descriptor = openSync(`/proc/${pid}/stat`, 'r');
  } catch {
    return null;
  }
  try {
    const length = readSync(descriptor, buffer, 0, buffer.length, 0);
    const text = buffer.toString('latin1', 0, length);
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  } finally {
    closeSync(descriptor);
  }
}

/** `t` is stopped under a debugger; X and Z are dead. */
function stateFrom(letter: string | undefined): ProcessState {
  if (letter === undefined || letter === 'Z' || letter === 'X') return 'dead';
  return letter === 'T' || letter === 't' ? 'stopped' : 'other';
}

function environmentValue(pid: number, name: string): string | null {
  try {
    const environment = `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`;
    const start = environment.indexOf(`\0${name}=`);
    if (start === -1) return null;
    const end = environment.indexOf('\0', start + 1);
    return environment.slice(start + name.length + 2, end === -1 ? undefined : end);
  } catch {
    // Another user's process, or gone.
    return null;
  }
}
