/** The `ps` path of other systems, held against /proc on this one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linuxProcesses } from '../../src/daemon/os/processes-linux.ts';
import { psProcesses } from '../../src/daemon/os/processes-ps.ts';

const ADAPTERS = [
  ['/proc', linuxProcesses],
  ['ps', psProcesses],
] as const;

describe.each(ADAPTERS)('by %s', (_name, processes) => {
  let child: ChildProcess;
  let pid: number;

  beforeEach(async () => {
    // Says when it is there: its mark shows from the moment its program was loaded.
    child = spawn('/bin/sh', ['-c', 'echo here; exec sleep 1000'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, SUPERVISE_MARK: 'test-mark/a#1' },
    });
    pid = child.pid as number;
    await once(child.stdout as NodeJS.ReadableStream, 'data');
  });

  afterEach(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const over = once(child, 'exit');
    process.kill(-pid, 'SIGKILL');
    await over;
  });

  it('finds a process, its parent and its group', () => {
    const row = processes.list().find((candidate) => candidate.pid === pid);
    expect(row).toEqual({ pid, parentPid: process.pid, groupId: pid, state: 'other' });
  });

  it('tells a stopped one', () => {
    process.kill(-pid, 'SIGSTOP');
    const deadline = performance.now() + 10_000;
    while (processes.stateOf(pid) !== 'stopped' && performance.now() < deadline);
    expect(processes.stateOf(pid)).toBe('stopped');
  });

  it('takes one that is gone for dead', async () => {
    const over = once(child, 'exit');
    process.kill(-pid, 'SIGKILL');
    await over;
    expect(processes.stateOf(pid)).toBe('dead');
    expect(processes.startTimeOf(pid)).toBeNull();
  });

  it('gives a start time that stays the same', () => {
    const started = processes.startTimeOf(pid);
    expect(started).toEqual(expect.any(Number));
    expect(processes.startTimeOf(pid)).toBe(started);
  });
});

// procps has no switch that shows the environment of another process; on macOS it is -E.
describe('by its mark', () => {
  it('finds a process, from the moment its program was loaded', async () => {
    const env = { ...process.env, SUPERVISE_MARK: `test-mark-${process.pid}/a#1` };
    const child = spawn('/bin/sh', ['-c', 'echo here; read -r _'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env,
    });
    await once(child.stdout, 'data');
    const found = linuxProcesses.listMarked('SUPERVISE_MARK', `test-mark-${process.pid}/`);
    expect(found).toEqual([{ pid: child.pid, mark: `test-mark-${process.pid}/a#1` }]);
    expect(linuxProcesses.listMarked('SUPERVISE_MARK', 'other/')).toEqual([]);
    child.stdin.end();
    await once(child, 'exit');
  });
});
