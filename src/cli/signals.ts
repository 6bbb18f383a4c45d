/** Signals that end a command, as exit codes. */
import { constants } from 'node:os';
import type { EndSignal } from './io.ts';

/** 128 + n as a shell would report it; 0 without a signal. */
export function signalExitCode(signal: EndSignal | null): number {
  return signal === null ? 0 : 128 + constants.signals[signal];
}
