/** Status documents: the core's view of the state, plus what only this process knows of itself. */
import { readFileSync } from 'node:fs';
import { backoffDelay } from '../../core/restart/backoff.ts';
import { readyQueue } from '../../core/scheduler/view.ts';
import type { JobState } from '../../core/state.ts';
import { allJobs } from '../../core/state.ts';
import { jobStatus } from '../../core/views/status.ts';
import type { JobDetail, Status, SupervisorStatus } from '../../wire/api.ts';
import type { Daemon } from '../daemon.ts';
import { existingJob } from './actions.ts';

export interface StatusDesk {
  readonly status: () => Status;
  readonly detail: (name: string) => JobDetail;
  readonly supervisor: () => SupervisorStatus;
}

/** How many delays of the restart schedule `explain` lists. */
const DELAYS_SHOWN = 8;

export function createStatusDesk(daemon: Daemon, guardPid: number | null): StatusDesk {
  const cpuPercent = createCpuMeter(daemon);
  const version = packageVersion();

  const supervisor = (): SupervisorStatus => {
    const state = daemon.loop.state();
    const { workers, policy, quantumMs, agingMs, blocking } = state.settings;
    return {
      name: state.name,
      pid: process.pid,
      guardPid: daemon.guard.lostSinceMs() === null ? guardPid : null,
      version,
      uptimeMs: daemon.clock.now(),
      rssBytes: process.memoryUsage.rss(),
      cpuPercent: cpuPercent(),
      workers,
      policy,
      quantumMs,
      agingMs,
      blocking,
      socket: daemon.paths.socket,
      file: daemon.config().file,
      stopping: state.stopRequestedAtMs !== null,
      degraded: degradations(daemon),
      recovered: null,
    };
  };

  const full = (job: JobState): Status['jobs'][number] => ({
    ...jobStatus(job, daemon.clock.now()),
    ...daemon.messages.statusOf(job.spec.name),
    output: {
      bytes: daemon.logs.writtenBytes(job.spec.name),
      droppedBytes: daemon.logs.droppedBytes(job.spec.name),
    },
  });

  return {
    supervisor,
    status: () => ({ supervisor: supervisor(), jobs: Array.from(allJobs(daemon.loop.state()), full) }),
    detail: (name) => {
      const state = daemon.loop.state();
      const job = existingJob(state, name);
      const queue = readyQueue(state, daemon.clock.now());
      const launch = daemon.config().jobs.find(({ spec }) => spec.name === name)?.launch;
      return {
        job: full(job),
        decisions: daemon.decisions.of(name),
        launch: {
          argv: launch?.argv ?? [],
          shell: launch?.shell ?? false,
          cwd: launch?.cwd ?? '',
          envKeys: launch?.env.map(([key]) => key) ?? [],
        },
        restart: restartPlan(job),
        ahead: queue.includes(name) ? queue.slice(0, queue.indexOf(name)) : null,
        computing: Array.from(allJobs(state))
          .filter(({ phase }) => 'slot' in phase && phase.slot !== null)
          .map(({ spec }) => spec.name),
        supervisor: supervisor(),
      };
    },
  };
}

/** The delays to come without their jitter, from the next failure on. */
function restartPlan(job: JobState): JobDetail['restart'] {
  const { restart, stop } = job.spec;
  const left = restart.intensity.restarts === null ? DELAYS_SHOWN : restart.intensity.restarts;
  const plain = { ...restart.backoff, jitter: 0 };
  const delaysMs = Array.from(
    { length: Math.min(DELAYS_SHOWN, left) },
    (_, index) => backoffDelay(plain, job.restarts.attempt + 1 + index, 1).delayMs,
  );
  return { policy: restart.policy, delaysMs, graceMs: stop.graceMs, signal: stop.signal };
}

function degradations(daemon: Daemon): SupervisorStatus['degraded'] {
  const found: { reason: string; sinceMs: number }[] = [];
  const journal = daemon.journal.failingSinceMs();
  if (journal !== null) found.push({ reason: 'journal-not-written', sinceMs: journal });
  const guard = daemon.guard.lostSinceMs();
  if (guard !== null) found.push({ reason: 'guard-lost', sinceMs: guard });
  return found;
}

/** CPU of this process since the last question, at most twice a second anew. */
function createCpuMeter(daemon: Daemon): () => number | null {
  let atMs = daemon.clock.now();
  let spent = process.cpuUsage();
  let percent: number | null = null;
  return () => {
    const nowMs = daemon.clock.now();
    if (nowMs - atMs < 500) return percent;
    const usage = process.cpuUsage(spent);
    percent = Math.round((usage.user + usage.system) / (nowMs - atMs)) / 10;
    atMs = nowMs;
    spent = process.cpuUsage();
    return percent;
  };
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
