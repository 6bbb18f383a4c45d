/**
 * The daemon put together: every part made once, wired to the one loop and the one timer. What it answers to the
 * outside is in `serve/`.
 */

import { seedRandom } from '../core/base/random.ts';
import type { Event } from '../core/event.ts';
import { evolve } from '../core/evolve.ts';
import type { LaunchSpec, SupervisorSpec } from '../core/job/spec.ts';
import { EMPTY_STATE } from '../core/state.ts';
import type { ApplyResult, ShutdownResult } from '../wire/api.ts';
import type { SupervisorPaths } from '../wire/paths.ts';
import { type Clock, startClock } from './clock.ts';
import { createDecisions, type Decisions } from './decisions.ts';
import { applyResultOf, differenceOf, settingsOf } from './difference.ts';
import { type GuardLine, openGuardLine } from './guard-line.ts';
import { type Journal, openJournal } from './journal.ts';
import { createEnvironments } from './launch.ts';
import type { DaemonLog } from './log.ts';
import { createLogHub, type LogHub } from './log-hub.ts';
import { createLoop, type Loop } from './loop.ts';
import { markPrefixOf } from './mark.ts';
import { createMessages, type Messages } from './messages.ts';
import { createHandOver } from './os/hand-over.ts';
import { createOutput } from './os/output.ts';
import { processesOf } from './os/processes.ts';
import { createScope } from './os/scope.ts';
import { signalGroup } from './os/signals.ts';
import { createUsageReader } from './os/usage.ts';
import { createPerformer } from './perform.ts';
import { createRuns, type Runs } from './runs.ts';
import { endStrays } from './strays.ts';
import { createWaits, type Waits } from './waits.ts';

export interface DaemonOptions {
  readonly config: SupervisorSpec;
  readonly paths: SupervisorPaths;
  /** Inherited by jobs. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly seed: number;
  readonly guardDescriptor: number | null;
  readonly log: DaemonLog;
  readonly onBug: (error: unknown) => void;
}

export interface Daemon {
  readonly clock: Clock;
  readonly loop: Loop;
  readonly journal: Journal;
  readonly logs: LogHub;
  readonly messages: Messages;
  readonly decisions: Decisions;
  readonly waits: Waits;
  readonly guard: GuardLine;
  readonly runs: Runs;
  readonly paths: SupervisorPaths;
  /** The jobs file in force. */
  readonly config: () => SupervisorSpec;
  readonly apply: (config: SupervisorSpec) => ApplyResult;
  /** Settled when every job is over and every stray process was ended or named. */
  readonly ended: Promise<ShutdownResult>;
  /** Bytes that the runs of a job wrote. */
  readonly outputBytes: (job: string) => number;
  /** Whether `name` is a job or the common name of replicas. */
  readonly hasAddress: (name: string) => boolean;
  /** Ends what an earlier daemon of this name left behind. */
  readonly clearStrays: () => Promise<void>;
  /** Ends every process group at once, without the loop: for a bug in it. */
  readonly abandon: () => void;
}

/** Makes the daemon and applies its first jobs file. */
export function createDaemon(options: DaemonOptions): Daemon {
  const { paths, platform, environment } = options;
  const clock = startClock();
  const markPrefix = markPrefixOf(options.config.name, paths);
  const processes = processesOf(platform);
  const handOver = createHandOver(clock, processes);
  const scope = createScope(clock, processes, markPrefix);
  const output = createOutput(clock);
  const logs = createLogHub(paths.logs);
  const journal = openJournal(paths.journal, clock);
  const guard = openGuardLine(options.guardDescriptor, clock.now);
  const runs = createRuns();
  let config: SupervisorSpec = { ...options.config, jobs: [] };
  let launches = launchesOf(config);
  let settleEnd: (result: ShutdownResult) => void = () => {};
  const ended = new Promise<ShutdownResult>((resolve) => {
    settleEnd = resolve;
  });

  const post: Loop['post'] = (input) => loop.post(input);
  const messages = createMessages(clock, post);
  const usage = createUsageReader();
  const environments = createEnvironments(environment, markPrefix);
  const perform = createPerformer({
    clock,
    processes,
    usage,
    handOver,
    scope,
    output,
    logs,
    messages,
    guard,
    runs,
    environments,
    launchOf: (job) => launches.get(job),
    state: () => loop.state(),
    post,
    leave: () => void endStrays(scope, markPrefix, clock).then(settleEnd),
  });
  const first: Event = {
    type: 'supervisor.started',
    name: config.name,
    ...settingsOf(config),
    seed: seedRandom(options.seed),
    at: 0,
  };
  journal.append([first]);
  const loop = createLoop({
    initial: evolve(EMPTY_STATE, first),
    clock,
    journal,
    perform,
    onBug: options.onBug,
  });
  const decisions = createDecisions();
  loop.onTurn((records) => {
    messages.follow(loop.state(), records);
    decisions.take(records);
  });
  const waits = createWaits(clock, loop);
  for (const { source } of [handOver, scope, output, messages, waits]) clock.register(source);

  const apply = (next: SupervisorSpec): ApplyResult => {
    const difference = differenceOf(config, next);
    const result = applyResultOf(difference, next, loop.state());
    config = next;
    launches = launchesOf(next);
    loop.post({ type: 'file.applied', ...difference });
    return result;
  };

  return {
    clock,
    loop,
    journal,
    logs,
    messages,
    decisions,
    waits,
    guard,
    runs,
    paths,
    config: () => config,
    apply,
    ended,
    outputBytes: logs.writtenBytes,
    hasAddress: (name) => config.jobs.some(({ spec }) => spec.name === name || spec.replicaOf === name),
    clearStrays: async () => {
      const { survivors } = await endStrays(scope, markPrefix, clock);
      if (survivors.length > 0)
        options.log.warn({ survivors }, 'processes of an earlier daemon could not be ended');
    },
    abandon: () => {
      for (const { pid, exited } of runs.all()) if (!exited) signalGroup(pid, 'SIGKILL');
    },
  };
}

function launchesOf(config: SupervisorSpec): ReadonlyMap<string, LaunchSpec> {
  return new Map(config.jobs.map(({ spec, launch }) => [spec.name, launch]));
}
