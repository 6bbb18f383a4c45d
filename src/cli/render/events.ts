/**
 * One readable line for each event: time, job, sentence. Everything that a job has supplied is made visible on
 * its line. It must not decide which events are worth showing.
 */
import { type EventType, jobOf } from '../../core/event.ts';
import type { EventRecord } from '../../wire/api.ts';
import type { Colors } from './colors.ts';
import { clockText } from './format.ts';
import { sentenceOf } from './sentences.ts';
import { visibleOnOneLine } from './visible.ts';

const NAME_WIDTH = 12;

const NOTICED: ReadonlySet<EventType> = new Set<EventType>([
  'run.ended',
  'run.spawn-failed',
  'run.kill-requested',
  'job.backed-off',
  'job.quarantined',
  'job.failed',
  'job.completed',
  'memory.announced',
  'memory.exceeded',
  'channel.closed',
]);

/** `12:03:04.120  api#2         suspended by the scheduler: its quantum was over …`. */
export function renderEvent(event: EventRecord, colors: Colors): string {
  const who = whoOf(event).padEnd(NAME_WIDTH);
  return `${colors.dim(clockText(event.wall))}  ${paintWho(event, who, colors)}  ${visibleOnOneLine(sentenceOf(event))}`;
}

/** The run or job that an event is about. */
export function whoOf(event: EventRecord): string {
  const job = jobOf(event);
  if (job === null) return 'supervise';
  return 'incarnation' in event ? `${job}#${event.incarnation}` : job;
}

function paintWho(event: EventRecord, who: string, colors: Colors): string {
  switch (event.type) {
    case 'job.quarantined':
    case 'job.failed':
    case 'run.spawn-failed':
    case 'memory.exceeded':
      return colors.red(who);
    case 'job.backed-off':
    case 'memory.announced':
    case 'run.repaired':
    case 'strays.ended':
    case 'message.dead-lettered':
    case 'channel.closed':
    case 'run.kill-requested':
      return colors.yellow(who);
    default:
      return colors.cyan(who);
  }
}

/** What `run` tells beside the output of the jobs: ends, restarts and trouble, not each turn of the scheduler. */
export function noticeOf(event: EventRecord): { readonly job: string; readonly text: string } | null {
  const job = jobOf(event);
  if (job === null || !NOTICED.has(event.type)) return null;
  return { job, text: sentenceOf(event) };
}
