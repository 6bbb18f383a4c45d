/**
 * Signals to process groups. Only pids of runs whose leader's exit has not been seen get here: until then the
 * kernel can't have given the number to a stranger. A group that is gone is not an error.
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
