/**
 * Why a job is where it is, in plain sentences with numbers: facts, the last decisions, what happens next, what
 * would change it. Everything comes from one answer of the daemon; nothing is guessed.
 */

import type { EventType } from '../../core/event.ts';
import type { PhaseKind } from '../../core/job/phase.ts';
import { EXIT_CAUSES, REASONS } from '../../core/reason.ts';
import type { EventRecord, JobDetail } from '../../wire/api.ts';
import type { Colors } from './colors.ts';
import { nextSentences, remedies } from './explain-next.ts';
import {
  bytesText,
  clockText,
  countText,
  durationText,
  listText,
  percentText,
  settingText,
} from './format.ts';
import { sentenceOf } from './sentences.ts';
import { visibleOnOneLine } from './visible.ts';
import { exitWords, paintPhase } from './words.ts';

/** The events that put a job into each phase, so that its age can be told. */
const ENTERED_BY: Readonly<Record<PhaseKind, readonly EventType[]>> = {
  pending: ['job.admitted', 'job.pended'],
  ready: ['job.readied'],
  starting: ['run.dispatched'],
  running: ['run.spawned', 'run.resumed'],
  suspended: ['run.suspended'],
  blocked: [],
  stopping: ['run.stop-requested', 'run.leader-exited'],
  'backing-off': ['job.backed-off'],
  quarantined: ['job.quarantined'],
  completed: ['job.completed'],
  failed: ['job.failed', 'run.spawn-failed'],
  stopped: ['job.stopped'],
};

/** The whole explanation; no newline at its end. */
export function renderExplanation(detail: JobDetail, colors: Colors): string {
  const sections = [
    [headline(detail, colors)],
    titled('Facts', factsOf(detail), colors),
    titled('Last decisions', decisionsOf(detail, colors), colors),
    titled('What happens next', nextSentences(detail), colors),
    titled('What would change it', remedies(detail), colors),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function titled(title: string, lines: readonly string[], colors: Colors): string[] {
  return lines.length === 0 ? [] : [colors.bold(title), ...lines.map((line) => `  ${line}`)];
}

function headline(detail: JobDetail, colors: Colors): string {
  const { job } = detail;
  const who = job.incarnation === 0 ? job.name : `${job.name}#${job.incarnation}`;
  const phase = paintPhase(job.phase, job.phase, colors);
  const process = job.pid === null ? '' : ` (pid ${job.pid})`;
  const slot = job.slot === null ? '' : ` in slot ${job.slot}`;
  const ageMs = phaseAgeMs(detail);
  const age = ageMs === null ? '' : ` for ${durationText(ageMs)}`;
  const about = job.detail === null ? '' : ` (${visibleOnOneLine(job.detail)})`;
  return `${colors.bold(who)} is ${phase}${process}${slot}${age}: ${whyOf(job)}${about}.`;
}

/** The view gives a sleeper the reason of who gives its slot up by itself; asleep is what it is. */
function whyOf(job: JobDetail['job']): string {
  return job.phase === 'blocked' ? 'it is asleep in the kernel and needs no slot' : REASONS[job.reason];
}

/** Instants of an earlier daemon count from another zero, so they give no age. */
function phaseAgeMs({ job, decisions, supervisor }: JobDetail): number | null {
  const epoch = decisions.at(-1)?.epoch;
  const entered = decisions.findLast(
    (event) => event.epoch === epoch && ENTERED_BY[job.phase].includes(event.type),
  );
  if (entered === undefined || entered.at > supervisor.uptimeMs) return null;
  return supervisor.uptimeMs - entered.at;
}

function factsOf(detail: JobDetail): string[] {
  const { job, launch } = detail;
  const command = visibleOnOneLine(launch.argv.join(' '));
  const keys =
    launch.envKeys.length === 0 ? '' : `, environment ${listText(launch.envKeys.map(visibleOnOneLine))}`;
  return [
    `command: ${launch.shell ? 'sh -c ' : ''}${command} (in ${visibleOnOneLine(launch.cwd)}${keys})`,
    ...lastRun(detail),
    restartsFact(detail),
    `priority ${job.priority}, weight ${job.weight}${job.ready ? '' : ', not ready'}`,
    timeFact(detail),
    `CPU ${percentText(job.cpu.percent)}, in all ${durationText(job.cpu.timeMs)}`,
    memoryFact(detail),
    mailboxFact(detail),
    ...outputFact(detail),
  ];
}

function lastRun({ job }: JobDetail): string[] {
  if (job.exit === null) return [];
  return [
    `its last run ended with ${exitWords({ ...job.exit, cause: 'exited' })}: ${EXIT_CAUSES[job.exit.cause]}`,
  ];
}

function restartsFact({ job, restart }: JobDetail): string {
  const { total, inPeriod, allowed, periodMs } = job.restarts;
  const window =
    allowed === null ? 'unlimited' : `${inPeriod} of at most ${allowed} within ${settingText(periodMs)}`;
  return `${countText(total, 'restart')}, ${window}; restart policy ${restart.policy}`;
}

function timeFact({ job: { slices, time } }: JobDetail): string {
  const computed = `computed ${durationText(time.runningMs)}`;
  const waited = `waited ${durationText(time.readyMs)} for slots`;
  return `given a slot ${countText(slices, 'time')}; ${computed}, ${waited}, slept ${durationText(time.blockedMs)}`;
}

function memoryFact({ job: { memory } }: JobDetail): string {
  const { rssBytes, peakBytes, highBytes, maxBytes, sampleAgeMs } = memory;
  const limits = [
    ...(highBytes === null ? [] : [`high ${bytesText(highBytes)}`]),
    ...(maxBytes === null ? ['no limit'] : [`max ${bytesText(maxBytes)}`]),
  ];
  const age = sampleAgeMs === null ? '' : `, read ${durationText(sampleAgeMs)} ago`;
  return `memory ${bytesText(rssBytes)} (${limits.join(', ')}; peak ${bytesText(peakBytes)}${age})`;
}

function mailboxFact({ job: { mailbox, channel } }: JobDetail): string {
  const dead = mailbox.deadLettered === 0 ? '' : `, ${mailbox.deadLettered} became dead letters`;
  const moved = `${mailbox.accepted} accepted, ${mailbox.delivered} delivered${dead}`;
  return `mailbox ${mailbox.depth} of ${mailbox.capacity}; ${moved}; channel ${channel}`;
}

function outputFact({ job: { output } }: JobDetail): string[] {
  const dropped = output.droppedBytes === 0 ? '' : `, ${bytesText(output.droppedBytes)} of it dropped`;
  return output.bytes === 0 ? [] : [`output ${bytesText(output.bytes)}${dropped}`];
}

function decisionsOf({ decisions }: JobDetail, colors: Colors): string[] {
  return decisions.map(
    (event) => `${colors.dim(clockText(event.wall))}  ${runOf(event)}${visibleOnOneLine(sentenceOf(event))}`,
  );
}

function runOf(event: EventRecord): string {
  return 'incarnation' in event ? `#${event.incarnation} ` : '';
}
