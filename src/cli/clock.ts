/** The only place of the command line that reads the clock or waits. */

/** Wall clock, Unix milliseconds: people give and read these. */
export function wallMs(): number {
  return Date.now();
}

/** Resolves after `delayMs`, or early when the signal is aborted. */
export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, delayMs);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
