/**
 * The future of a job as far as it is decided: when it starts, is killed or hits its limit, who goes before it,
 * and what a person can type to change that.
 */
import type { JobDetail } from '../../wire/api.ts';
import { countText, durationText, listText, settingText } from './format.ts';
import { visibleOnOneLine } from './visible.ts';

/** What happens next and when, one sentence a line. */
export function nextSentences(detail: JobDetail): string[] {
  return [...phaseSentences(detail), ...memorySentence(detail), ...scheduleSentence(detail)];
}

/** Commands with what they would do. */
export function remedies(detail: JobDetail): string[] {
  const pairs = remedyPairs(detail);
  const width = pairs.reduce((widest, [command]) => Math.max(widest, command.length), 0);
  return pairs.map(([command, effect]) => `${command.padEnd(width)}  ${effect}`);
}

function phaseSentences(detail: JobDetail): string[] {
  const { job, supervisor } = detail;
  switch (job.phase) {
    case 'pending':
      return [pendingSentence(detail)];
    case 'ready':
      return queueSentences(detail);
    case 'starting':
      return ['its process is being created'];
    case 'running':
      return [runningSentence(detail)];
    case 'suspended':
      return job.reason === 'operator-suspend'
        ? ['nothing: it stays suspended, and holds its memory, until a person resumes it']
        : queueSentences(detail);
    case 'blocked':
      return [
        supervisor.blocking === 'yield'
          ? 'when it computes again it takes a free slot, or is suspended until one is free'
          : 'it keeps its slot until its quantum is over',
      ];
    case 'stopping':
      return [stoppingSentence(detail)];
    case 'backing-off':
      return [`it is ready for its next start in ${durationText(job.restarts.nextInMs)}`];
    case 'quarantined':
      return ['nothing: it waits for a person'];
    case 'completed':
    case 'failed':
    case 'stopped':
      return ['nothing until a person restarts it'];
  }
}

function pendingSentence({ job }: JobDetail): string {
  if (job.detail === null) return 'it gets ready as soon as what it waits for is there';
  return `it gets ready as soon as ${visibleOnOneLine(job.detail)} is as far as dependsOn asks`;
}

function runningSentence({ job, supervisor }: JobDetail): string {
  if (job.reason !== 'dispatched')
    return 'it is about to be suspended; its slot goes to the first in the ready queue';
  const quantum = settingText(supervisor.quantumMs);
  return `it computes on; when its quantum of ${quantum} is over and a job waits, ${supervisor.policy} decides anew`;
}

function queueSentences({ ahead, computing, supervisor }: JobDetail): string[] {
  const sentences: string[] = [];
  if (ahead !== null) {
    sentences.push(
      ahead.length === 0
        ? 'it is the first in the ready queue'
        : `ahead of it in the ready queue: ${listText(ahead)}`,
    );
  }
  if (computing.length > 0) {
    sentences.push(
      `${supervisor.workers === 1 ? 'the slot is' : `the ${supervisor.workers} slots are`} held by ${listText(computing)}`,
    );
  }
  if (ahead !== null && supervisor.policy === 'round-robin') {
    const turnMs = Math.ceil((ahead.length + 1) / supervisor.workers) * supervisor.quantumMs;
    sentences.push(`its turn comes within about ${durationText(turnMs)}, sooner when a job ends or sleeps`);
  }
  if (ahead !== null && supervisor.policy === 'priority' && supervisor.agingMs !== null) {
    sentences.push(`it gains one level of priority for each ${settingText(supervisor.agingMs)} it waits`);
  }
  return sentences;
}

function stoppingSentence({ job, decisions, restart, supervisor }: JobDetail): string {
  const asked = decisions.findLast(({ type }) => type === 'run.stop-requested');
  const killed = decisions.findLast(({ type }) => type === 'run.kill-requested');
  const isOfThisRun = (event: typeof asked) =>
    event !== undefined && 'incarnation' in event && event.incarnation === job.incarnation;
  if (isOfThisRun(killed))
    return 'SIGKILL was sent to its whole group; it ends as soon as the kernel is done';
  if (asked?.type !== 'run.stop-requested' || !isOfThisRun(asked))
    return 'what its first process left behind is being ended';
  const leftMs = Math.max(0, asked.killAtMs - supervisor.uptimeMs);
  const kill = `its whole group gets SIGKILL in ${durationText(leftMs)} (grace ${settingText(restart.graceMs)})`;
  return `${asked.signal} was sent; unless it ends, ${kill}`;
}

function memorySentence({ job: { memory } }: JobDetail): string[] {
  if (memory.hitsMaxInMs === null) return [];
  return [
    `at its present growth it is above memory.max in ${durationText(memory.hitsMaxInMs)}; two samples above it end the run`,
  ];
}

function scheduleSentence({ job, restart }: JobDetail): string[] {
  const isOver =
    job.phase === 'completed' ||
    job.phase === 'failed' ||
    job.phase === 'stopped' ||
    job.phase === 'quarantined';
  if (isOver || job.phase === 'stopping') return [];
  const { allowed, periodMs } = job.restarts;
  if (restart.policy === 'never') return ['when it ends it is not restarted'];
  const trigger = restart.policy === 'always' ? 'each time it ends' : 'each time it fails';
  const delays = restart.delaysMs.map(durationText).join(', ');
  const limit =
    allowed === null
      ? ''
      : `; more than ${countText(allowed, 'restart')} within ${settingText(periodMs)} quarantine it`;
  return [`${trigger} it is started again, after ${delays === '' ? 'no delay' : `${delays} …`}${limit}`];
}

function remedyPairs({ job, supervisor }: JobDetail): (readonly [string, string])[] {
  const { name } = job;
  const moreSlots = [`supervise set workers=${supervisor.workers + 1}`, 'one more slot'] as const;
  const first = [`supervise set job:${name} priority=${job.priority + 1}`, 'ahead of its equals'] as const;
  const queue = supervisor.policy === 'priority' ? [moreSlots, first] : [moreSlots];
  switch (job.phase) {
    case 'pending':
      return job.detail === null
        ? []
        : [[`supervise explain ${visibleOnOneLine(job.detail)}`, 'what it waits for']];
    case 'ready':
      return queue;
    case 'suspended':
      return job.reason === 'operator-suspend'
        ? [[`supervise resume ${name}`, 'back into the ready queue']]
        : queue;
    case 'starting':
    case 'running':
    case 'blocked':
      return [
        [`supervise suspend ${name}`, 'takes its slot away until resumed'],
        [`supervise stop ${name}`, 'ends it'],
      ];
    case 'stopping':
      return [[`supervise signal KILL ${name}`, 'ends it without its grace']];
    case 'backing-off':
      return [
        [`supervise restart ${name}`, 'starts it at once and forgives its failures'],
        [`supervise logs ${name}`, 'what it wrote before it failed'],
      ];
    case 'quarantined':
    case 'failed':
      return [
        [`supervise logs ${name}`, 'what it wrote before it failed'],
        [`supervise restart ${name}`, 'starts it again and forgives its failures'],
      ];
    case 'completed':
    case 'stopped':
      return [[`supervise restart ${name}`, 'starts it again']];
  }
}
