/**
 * How phases, reasons and ends are put into a few words and which colour a phase has. The colour repeats what
 * the word says and never stands alone.
 */
import type { PhaseKind } from '../../core/job/phase.ts';
import type { Reason } from '../../core/reason.ts';
import type { JobStatus } from '../../core/views/status.ts';
import type { Color, Colors } from './colors.ts';
import { durationText } from './format.ts';
import { visibleOnOneLine } from './visible.ts';

const PHASE_COLORS: Readonly<Record<PhaseKind, Color | null>> = {
  pending: 'dim',
  ready: 'cyan',
  starting: 'cyan',
  running: 'green',
  suspended: 'yellow',
  blocked: 'blue',
  stopping: 'yellow',
  'backing-off': 'yellow',
  quarantined: 'red',
  completed: 'green',
  failed: 'red',
  stopped: 'dim',
};

/** The text in the colour of the phase. */
export function paintPhase(phase: PhaseKind, text: string, colors: Colors): string {
  const color = PHASE_COLORS[phase];
  return color === null ? text : colors[color](text);
}

/** The key of a reason as words: short enough for a table. */
export function reasonWords(reason: Reason): string {
  return reason.replaceAll('-', ' ');
}

/** `exit code 1`, `signal SIGKILL, memory max`; null before the first end. */
export function exitWords(exit: JobStatus['exit']): string | null {
  if (exit === null) return null;
  const how = exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
  switch (exit.cause) {
    case 'exited':
    case 'signalled':
      return how;
    case 'spawn-failed':
      return 'never started';
    case 'memory-max':
    case 'operator-stop':
    case 'operator-restart':
    case 'definition-changed':
    case 'definition-removed':
    case 'shutdown':
      return `${how}, ${exit.cause.replaceAll('-', ' ')}`;
  }
}

/** Why a job is where it is, in a few words. */
export function whyWords(job: JobStatus): string {
  switch (job.phase) {
    case 'pending':
      return job.detail === null ? reasonWords(job.reason) : `waits for ${visibleOnOneLine(job.detail)}`;
    case 'ready':
    case 'suspended':
    case 'stopping':
    case 'stopped':
      return reasonWords(job.reason);
    case 'starting':
      return slotWords(job);
    case 'running':
      return [job.reason === 'dispatched' ? slotWords(job) : reasonWords(job.reason), ...notReady(job)].join(
        ', ',
      );
    case 'blocked':
      return ['asleep', ...notReady(job)].join(', ');
    case 'backing-off':
      return [`next in ${durationText(job.restarts.nextInMs)}`, ...lastExit(job)].join(', ');
    case 'quarantined':
      return [reasonWords(job.reason), ...lastExit(job)].join(', ');
    case 'completed':
      return exitWords(job.exit) ?? reasonWords(job.reason);
    case 'failed':
      return job.detail === null
        ? [...lastExit(job), reasonWords(job.reason)].join(', ')
        : visibleOnOneLine(job.detail);
  }
}

function slotWords(job: JobStatus): string {
  return job.slot === null ? reasonWords(job.reason) : `slot ${job.slot}`;
}

function notReady(job: JobStatus): string[] {
  return job.ready ? [] : ['not ready'];
}

function lastExit(job: JobStatus): string[] {
  const words = exitWords(job.exit);
  return words === null ? [] : [words];
}
