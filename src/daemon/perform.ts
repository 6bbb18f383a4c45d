/**
 * Does what the core ordered and reports back with inputs. No decisions: every branch here is about how, never
 * about whether. An effect that fails comes back as an input.
 */
import type { Effect } from '../core/effect.ts';
import type { Input } from '../core/input.ts';
import { liveRunOf, type RunId } from '../core/job/phase.ts';
import type { LaunchSpec } from '../core/job/spec.ts';
import { findJob, type State } from '../core/state.ts';
import type { Clock } from './clock.ts';
import type { GuardLine } from './guard-line.ts';
import type { Environments } from './launch.ts';
import type { LogHub } from './log-hub.ts';
import type { Messages } from './messages.ts';
import type { HandOver } from './os/hand-over.ts';
import type { Output } from './os/output.ts';
import type { Processes, ProcessRow } from './os/processes.ts';
import type { Scope } from './os/scope.ts';
import { signalGroup } from './os/signals.ts';
import { type SpawnFailure, spawnRun } from './os/spawn.ts';
import { type SweepTools, type SweptRun, sweep } from './os/sweep.ts';
import type { UsageReader } from './os/usage.ts';
import type { Runs } from './runs.ts';
import type { StrayWatch } from './strays.ts';

export interface Machinery {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly usage: UsageReader;
  readonly handOver: HandOver;
  readonly scope: Scope;
  readonly output: Output;
  readonly logs: LogHub;
  readonly messages: Messages;
  readonly guard: GuardLine;
  readonly runs: Runs;
  readonly strays: StrayWatch;
  readonly environments: Environments;
  readonly launchOf: (job: string) => LaunchSpec | undefined;
  readonly state: () => State;
  readonly post: (input: Input) => void;
  /** Processes of a run that could not be ended. */
  readonly surviving: (run: RunId, pids: readonly number[]) => void;
  /** Every job is over. */
  readonly leave: () => void;
}

/** Makes the performer of effects. */
export function createPerformer(machinery: Machinery): (effect: Effect) => void {
  /** Members of each group at the last sweep: a suspension has to show in all of them. */
  let known: SweepTools['known'] = null;

  return (effect) => {
    switch (effect.type) {
      case 'spawn':
        return spawn(machinery, effect.run);
      case 'suspend':
        return suspend(machinery, effect, known?.groups.get(effect.pid));
      case 'resume':
        return ifAlive(machinery, effect, () => signalGroup(effect.pid, 'SIGCONT'));
      case 'stop':
        return stop(machinery, effect);
      case 'kill':
        return kill(machinery, effect);
      case 'end-scope':
        return endScope(machinery, effect);
      case 'signal':
        return ifAlive(machinery, effect, () => signalGroup(effect.pid, effect.signal));
      case 'sweep':
        return startSweep(machinery, effect.runs, known, (found) => {
          known = found;
        });
      case 'announce-pressure': {
        const { run, rssBytes, highBytes, maxBytes } = effect;
        return machinery.messages.announcePressure(run, [
          ['rssBytes', rssBytes],
          ['highBytes', highBytes],
          ['maxBytes', maxBytes],
        ]);
      }
      case 'leave':
        return machinery.leave();
    }
  };
}

type OfProcess = { readonly run: RunId; readonly pid: number };

/** Only while the leader's exit has not been seen: after that its number may be somebody else's. */
function ifAlive(machinery: Machinery, { run, pid }: OfProcess, act: () => void): void {
  const running = machinery.runs.find(run);
  if (running !== undefined && !running.exited && running.pid === pid) act();
}

function spawn(machinery: Machinery, run: RunId): void {
  const { clock, post, runs, guard, messages, output, logs, processes, environments } = machinery;
  const launch = machinery.launchOf(run.job);
  const failed = ({ code, message, fault }: SpawnFailure): void =>
    post({ type: 'os.spawn-failed', run, code, message, fault });
  if (launch === undefined)
    return failed({ code: 'ENOENT', message: 'its launch data is gone', fault: 'job' });
  const spawned = spawnRun({
    name: run.job,
    launch,
    environment: environments.of(run, launch),
    onExit: (code, signal) => exited(machinery, run, code, signal),
    onFailed: failed,
  });
  if (spawned === null) return;
  const { pid, stdout, stderr, channel } = spawned;
  const startTime = processes.startTimeOf(pid);
  guard.groupStarted(pid, startTime);
  const file = logs.fileOf(run.job, launch.log);
  const reader = output.follow({ stdout, stderr, file, onLines: logs.linesOf(run.job) });
  runs.add({ run, pid, output: reader, exited: false, stopAsked: false });
  post({ type: 'os.spawned', run, pid, startTime });
  messages.opened(run, channel);
  clock.rearm();
}

function exited(machinery: Machinery, run: RunId, code: number | null, signal: string | null): void {
  const { runs, scope, guard, messages, strays, post } = machinery;
  const running = runs.find(run);
  if (running === undefined || running.exited) return;
  running.exited = true;
  // While everything stops, one look at all marks at the very end finds what escaped from any of them.
  const isLast = machinery.state().stopRequestedAtMs !== null;
  const scopeEmpty = scope.membersOf(run, running.pid, running.stopAsked && !isLast).length === 0;
  // First of all the news: a successor may start within this call. The tidying up has time.
  post({ type: 'os.exited', run, code, signal, scopeEmpty });
  running.output.finish();
  messages.ended(run);
  // A stop has already looked for what escaped; an end by itself must not make its successor wait for that.
  if (!running.stopAsked && !isLast) strays.runEnded();
  if (!scopeEmpty) return;
  guard.groupEnded(running.pid);
  runs.remove(run);
}

function suspend(machinery: Machinery, effect: OfProcess, members: readonly ProcessRow[] | undefined): void {
  const { run, pid } = effect;
  ifAlive(machinery, effect, () => {
    signalGroup(pid, 'SIGSTOP');
    const pids = members?.map((row) => row.pid) ?? [];
    machinery.handOver.watch(run, pids.includes(pid) ? pids : [pid, ...pids], (seen) =>
      machinery.post({ type: 'os.suspended', run, seen }),
    );
  });
}

function stop(machinery: Machinery, effect: OfProcess & { readonly signal: string }): void {
  ifAlive(machinery, effect, () => {
    markStopAsked(machinery, effect.run);
    signalGroup(effect.pid, effect.signal);
    signalGroup(effect.pid, 'SIGCONT');
  });
}

function kill(machinery: Machinery, effect: OfProcess): void {
  ifAlive(machinery, effect, () => {
    markStopAsked(machinery, effect.run);
    signalGroup(effect.pid, 'SIGKILL');
  });
}

function markStopAsked(machinery: Machinery, run: RunId): void {
  const running = machinery.runs.find(run);
  if (running !== undefined) running.stopAsked = true;
}

function endScope(machinery: Machinery, { run, pid }: OfProcess): void {
  machinery.scope.end(run, pid, (leftovers, living) => {
    if (living.length > 0) machinery.surviving(run, living);
    machinery.guard.groupEnded(pid);
    machinery.runs.remove(run);
    machinery.post({ type: 'os.emptied', run, leftovers });
  });
}

function startSweep(
  machinery: Machinery,
  runs: Extract<Effect, { type: 'sweep' }>['runs'],
  known: SweepTools['known'],
  onKnown: (known: SweepTools['known']) => void,
): void {
  const { processes, usage, clock, post } = machinery;
  const state = machinery.state();
  const swept = runs.map(({ run, pid }) => sweptRun(state, run, pid));
  sweep(swept, { processes, usage, now: clock.now, intervalMs: state.settings.sampleMs, known }).then(
    (result) => {
      const { drifted, readings, costMs } = result;
      onKnown(result.known);
      for (const { run, found } of drifted) post({ type: 'os.drifted', run, found });
      post({ type: 'sweep.finished', readings, costMs });
    },
    (error: unknown) => post({ type: 'sweep.failed', message: String(error) }),
  );
}

/** What a sweep has to know of a run; a run in the middle of a hand-over may be in either state. */
function sweptRun(state: State, run: RunId, pid: number): SweptRun {
  const job = findJob(state, run.job);
  const phase = job?.phase;
  const expected =
    phase === undefined || liveRunOf(phase)?.pid !== pid
      ? 'any'
      : phase.kind === 'suspended'
        ? 'stopped'
        : phase.kind === 'blocked' || (phase.kind === 'running' && phase.preempted === null)
          ? 'computing'
          : 'any';
  return { run, pid, maxBytes: job?.spec.memory.maxBytes ?? null, expected };
}
