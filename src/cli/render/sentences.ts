/**
 * What each event says, as a sentence with its numbers. Total over the event types: a new one does not compile
 * until it has its sentence.
 */
import type { Event } from '../../core/event.ts';
import type { SettingsChange } from '../../core/input.ts';
import { EXIT_CAUSES, REASONS } from '../../core/reason.ts';
import { bytesText, countText, durationText, listText, percentText, settingText } from './format.ts';

/** The sentence of an event, without its subject. */
export function sentenceOf(event: Event): string {
  switch (event.type) {
    case 'supervisor.started':
      return [
        `${event.name} started: ${countText(event.workers, 'slot')}`,
        `${event.policy}, quantum ${settingText(event.quantumMs)}`,
      ].join(', ');
    case 'supervisor.configured':
      return `settings changed: ${settingsText(event.settings)} (${REASONS[event.reason]})`;
    case 'supervisor.stop-requested':
      return 'stop requested: all jobs are being ended';
    case 'supervisor.stopped':
      return 'stopped';
    case 'sweep.requested':
      return `memory and CPU of ${countText(event.runs, 'run')} asked for`;
    case 'sweep.scheduled':
      return 'next memory sweep scheduled';
    case 'sweep.finished':
      return `memory sweep took ${durationText(event.costMs)}${event.failure === null ? '' : `, failed: ${event.failure}`}`;
    case 'message.dead-lettered':
      return `a message from ${event.from} of ${bytesText(event.bytes)} became a dead letter: ${event.detail}`;
    case 'input.dropped':
      return `news dropped (${event.input}): ${REASONS[event.reason]}`;
    default:
      return event.type.startsWith('job.') ? jobSentence(event as JobEvent) : runSentence(event as RunEvent);
  }
}

type JobEvent = Extract<Event, { readonly type: `job.${string}` }>;
type RunEvent = Exclude<
  Event,
  {
    readonly type:
      | `job.${string}`
      | `supervisor.${string}`
      | `sweep.${string}`
      | 'message.dead-lettered'
      | 'input.dropped';
  }
>;

function jobSentence(event: JobEvent): string {
  switch (event.type) {
    case 'job.admitted':
      return 'admitted';
    case 'job.changed':
      return `its definition changed; ${event.relaunch ? 'its process starts anew' : 'its process goes on'}`;
    case 'job.removed':
      return 'removed';
    case 'job.tuned':
      return `priority is now ${event.priority}, weight ${event.weight} (${REASONS[event.reason]})`;
    case 'job.forgiven':
      return `restart count and backoff start anew (${REASONS[event.reason]})`;
    case 'job.pended':
      return `pending: ${REASONS[event.reason]}${event.waitsFor === null ? '' : `, it waits for ${event.waitsFor}`}`;
    case 'job.readied':
      return `ready to be given a slot: ${REASONS[event.reason]}`;
    case 'job.backed-off':
      return `waits ${durationText(event.delayMs)} before restart ${event.attempt}: ${REASONS[event.reason]}`;
    case 'job.quarantined':
      return `quarantined until a person restarts it: ${REASONS[event.reason]}`;
    case 'job.completed':
      return `completed: ${REASONS[event.reason]}`;
    case 'job.failed':
      return `failed: ${REASONS[event.reason]}${event.detail === null ? '' : ` (${event.detail})`}`;
    case 'job.stopped':
      return `stopped: ${REASONS[event.reason]}`;
  }
}

function runSentence(event: RunEvent): string {
  switch (event.type) {
    case 'run.dispatched':
      return `given slot ${event.slot} after waiting ${durationText(event.waitedMs)}: ${REASONS[event.reason]}`;
    case 'run.spawned':
      return `its process is there, pid ${event.pid}`;
    case 'run.spawn-failed': {
      const blame =
        event.fault === 'machine' ? 'the machine is to blame, no restart is spent' : 'the job is to blame';
      return `could not be started: ${event.message} (${event.code}; ${blame})`;
    }
    case 'run.postponed':
      return event.followUp === null
        ? 'what was asked for is taken back'
        : `will ${event.followUp.kind} once its process is there`;
    case 'run.preempted':
      return `has to give slot ${event.slot} up: ${REASONS[event.reason]}`;
    case 'run.suspended':
      return [
        `suspended by ${event.by === 'operator' ? 'a person' : 'the scheduler'}: ${REASONS[event.reason]}`,
        ...(event.seen ? [] : ['(not seen in time)']),
      ].join(' ');
    case 'run.released':
      return `back in the ready queue: ${REASONS[event.reason]}`;
    case 'run.resumed':
      return `resumed in slot ${event.slot} after waiting ${durationText(event.waitedMs)}: ${REASONS[event.reason]}`;
    case 'run.stop-requested':
      return [
        `asked to end with ${event.signal}`,
        `killed in ${durationText(event.killAtMs - event.at)}: ${EXIT_CAUSES[event.intent]}`,
      ].join(', ');
    case 'run.redirected':
      return `while ending: goes on to ${event.destination} (${EXIT_CAUSES[event.intent]})`;
    case 'run.kill-requested':
      return `killed with SIGKILL: ${REASONS[event.reason]}`;
    case 'run.leader-exited':
      return `its first process ended with ${endText(event.exit.code, event.exit.signal)}`;
    case 'run.ended':
      return [
        `ended with ${endText(event.code, event.signal)} after ${durationText(event.livedMs)}`,
        `: ${EXIT_CAUSES[event.cause]}${leftoversText(event.leftovers)}`,
      ].join('');
    case 'run.signalled':
      return `was sent ${event.signal} (${REASONS[event.reason]})`;
    case 'strays.ended':
      return `what had left its group was found and killed: ${processesText(event.pids)}`;
    case 'run.repaired':
      return `repaired: ${REASONS[event.reason]}`;
    case 'run.sampled':
    case 'memory.announced':
    case 'memory.eased':
    case 'memory.exceeded':
      return memorySentence(event);
    case 'ready.reported':
      return 'says that it is ready';
    case 'heartbeat.reported':
      return 'heartbeat';
    case 'progress.reported':
      return `progress ${event.value}${event.total === null ? '' : ` of ${event.total}`}`;
    case 'channel.closed':
      return `its message channel was closed: ${event.detail}`;
  }
}

type MemoryEvent = Extract<
  Event,
  { readonly type: 'run.sampled' | 'memory.announced' | 'memory.eased' | 'memory.exceeded' }
>;

function memorySentence(event: MemoryEvent): string {
  switch (event.type) {
    case 'run.sampled':
      return [
        `holds ${bytesText(event.rssBytes)}`,
        `computes at ${percentText(event.cpuPercent)} in ${countText(event.processes, 'process', 'processes')}`,
      ].join(', ');
    case 'memory.announced':
      return `told to save memory: ${bytesText(event.rssBytes)} is above memory.high ${bytesText(event.highBytes)}`;
    case 'memory.eased':
      return `memory is below memory.high again: ${bytesText(event.rssBytes)}`;
    case 'memory.exceeded': {
      const { slopeBytesPerSecond: slope } = event;
      return [
        `above memory.max: ${bytesText(event.rssBytes)} of ${bytesText(event.limitBytes)}`,
        `${bytesText(event.overshootBytes)} too much`,
        ...(slope === null ? [] : [`growing by ${bytesText(slope)} a second`]),
        `read ${durationText(event.ageMs)} before`,
        ...(event.early ? ['within two seconds of its start'] : []),
      ].join(', ');
    }
  }
}

function endText(code: number | null, signal: string | null): string {
  if (signal !== null) return `signal ${signal}`;
  return code === null ? 'an unknown exit code' : `exit code ${code}`;
}

function leftoversText(leftovers: readonly number[]): string {
  return leftovers.length === 0 ? '' : `; it left ${processesText(leftovers)} behind, ended too`;
}

function processesText(pids: readonly number[]): string {
  return `${countText(pids.length, 'process', 'processes')} (pid ${listText(pids.map(String))})`;
}

function settingsText(settings: SettingsChange): string {
  const words: string[] = [];
  if (settings.workers !== undefined) words.push(`workers ${settings.workers}`);
  if (settings.policy !== undefined) words.push(`policy ${settings.policy}`);
  if (settings.quantumMs !== undefined) words.push(`quantum ${settingText(settings.quantumMs)}`);
  if (settings.agingMs !== undefined)
    words.push(`aging ${settings.agingMs === null ? 'off' : settingText(settings.agingMs)}`);
  if (settings.blocking !== undefined) words.push(`blocking ${settings.blocking}`);
  if (settings.sampleMs !== undefined) words.push(`sample ${settingText(settings.sampleMs)}`);
  return words.length === 0 ? 'none' : words.join(', ');
}
