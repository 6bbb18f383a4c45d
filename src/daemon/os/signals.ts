/**
 * Signals to process groups and processes. Who calls has made sure of the target: a run whose leader's exit has
 * not been seen, a group seen with members, a process that carries our mark. One that is gone is no error.
 */

/** Sends `signal` to the group; false: there was no such group any more. */
export function signalGroup(groupId: number, signal: string | 0): boolean {
  return send(-groupId, signal);
}

/** Sends `signal` to one process; false: it was gone. */
export function signalProcess(pid: number, signal: string | 0): boolean {
  return send(pid, signal);
}

function send(target: number, signal: string | 0): boolean {
  try {
    process.kill(target, signal as NodeJS.Signals);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // EPERM: it exists, but belongs to another user by now (a setuid program).
    if (code === 'ESRCH') return false;
    if (code === 'EPERM') return true;
    throw error;
  }
}
