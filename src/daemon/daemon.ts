/**
 * The daemon put together: every part made once, wired to the one loop and the one timer. What it answers to the
 * outside is in `serve/`.
 */

import { seedRandom } from '../core/base/random.ts';
import type { Event } from '../core/event.ts';
import { evolve } from '../core/evolve.ts';
import type { LaunchSpec, SupervisorSpec } from '../core/job/spec.ts';
import { EMPTY_STATE, type State } from '../core/state.ts';
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
import { createLoop, type Loop, type LoopParts } from './loop.ts';
import { markPrefixOf } from './mark.ts';
import { createMessages, type Messages } from './messages.ts';
import { createHandOver } from './os/hand-over.ts';
import { createOutput } from './os/output.ts';
import { type Processes, processesOf } from './os/processes.ts';
import { createScope } from './os/scope.ts';
import { signalGroup } from './os/signals.ts';
import { createUsageReader } from './os/usage.ts';
import { createPerformer } from './perform.ts';
import { createRuns } from './runs.ts';
import { createStrayWatch, endStrays } from './strays.ts';
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
  readonly paths: SupervisorPaths;
  /** The jobs file in force. */
  readonly config: () => SupervisorSpec;
  readonly apply: (config: SupervisorSpec) => ApplyResult;
  /** Settled when every job is over and every stray process was ended or named. */
  readonly ended: Promise<ShutdownResult>;
  /** Whether `name` is a job or the common name of replicas. */
  readonly hasAddress: (name: string) => boolean;
  /** Ends what an earlier daemon of this name left behind. */
  readonly clearStrays: () => Promise<void>;
  /** Ends every process group at once, without the loop: for a bug in it. */
  readonly abandon: () => void;
}

/** Makes the daemon, with no jobs yet. */
export function createDaemon(options: DaemonOptions): Daemon {
  const { paths } = options;
  const clock = startClock();
  const markPrefix = markPrefixOf(options.config.name, paths);
  const tools = createTools(options, clock, markPrefix);
  const { logs, guard, runs, scope, output, handOver } = tools;
  const journal = openJournal(paths.journal, clock);
  const file = createFileInForce({ ...options.config, jobs: [] });
  const end = createEnd(tools.processes);
  const post: Loop['post'] = (input) => loop.post(input);
  const messages = createMessages(clock, post);
  const strays = createStrayWatch({ clock, scope, runs, markPrefix, post });
  const perform = createPerformer({
    ...tools,
    clock,
    messages,
    strays,
    launchOf: file.launchOf,
    state: () => loop.state(),
    post,
    surviving: (run, pids) => {
      options.log.warn({ run, pids }, 'these processes could not be ended');
      end.surviving(run.job, pids);
    },
    leave: () => void endStrays(scope, markPrefix, clock).then(end.settle),
  });
  const initial = begin(journal, file.config(), options.seed);
  const decisions = createDecisions();
  const adopted: LoopParts['adopted'] = (state, records) => {
    messages.follow(state, records);
    decisions.take(records);
    for (const record of records) if (record.type === 'job.removed') logs.forget(record.job);
  };
  const loop = createLoop({ initial, clock, journal, adopted, perform, onBug: options.onBug });
  const waits = createWaits(clock, loop);
  const parts = [handOver, scope, output, strays, waits];
  for (const source of [...parts.map((part) => part.source), ...messages.sources]) clock.register(source);

  return {
    clock,
    loop,
    journal,
    logs,
    messages,
    decisions,
    waits,
    guard,
    paths,
    config: file.config,
    apply: (next) => {
      const difference = differenceOf(file.config(), next);
      const result = applyResultOf(difference, next, loop.state());
      file.replace(next);
      loop.post({ type: 'file.applied', ...difference });
      return result;
    },
    ended: end.ended,
    hasAddress: file.hasAddress,
    clearStrays: async () => {
      const { survivors } = await endStrays(scope, markPrefix, clock);
      if (survivors.length > 0) options.log.warn({ survivors }, 'processes of an earlier daemon live on');
    },
    abandon: () => {
      for (const { pid, exited } of runs.all()) if (!exited) signalGroup(pid, 'SIGKILL');
    },
  };
}

/** Everything that touches the operating system. */
function createTools(options: DaemonOptions, clock: Clock, markPrefix: string) {
  const processes = processesOf(options.platform);
  return {
    processes,
    usage: createUsageReader(),
    handOver: createHandOver(clock, processes),
    scope: createScope(clock, processes, markPrefix),
    output: createOutput(clock),
    logs: createLogHub(options.paths.logs),
    guard: openGuardLine(options.guardDescriptor, clock.now),
    runs: createRuns(),
    environments: createEnvironments(options.environment, markPrefix),
  };
}

/** The first event, and the state after it. */
function begin(journal: Journal, config: SupervisorSpec, seed: number): State {
  const settings = settingsOf(config);
  const first: Event = {
    type: 'supervisor.started',
    name: config.name,
    ...settings,
    seed: seedRandom(seed),
    at: 0,
  };
  journal.append([first]);
  return evolve(EMPTY_STATE, first);
}

/** The jobs file in force, with what the core must not know of it. */
function createFileInForce(initial: SupervisorSpec) {
  let config = initial;
  let launches: ReadonlyMap<string, LaunchSpec> = new Map();
  return {
    config: () => config,
    launchOf: (job: string) => launches.get(job),
    hasAddress: (name: string) =>
      config.jobs.some(({ spec }) => spec.name === name || spec.replicaOf === name),
    replace: (next: SupervisorSpec) => {
      config = next;
      launches = new Map(next.jobs.map(({ spec, launch }) => [spec.name, launch]));
    },
  };
}

/** The end of everything, with whoever lived through it. */
function createEnd(processes: Processes) {
  const survivors: { job: string; pid: number }[] = [];
  let settle: (result: ShutdownResult) => void = () => {};
  const ended = new Promise<ShutdownResult>((resolve) => {
    settle = resolve;
  });
  return {
    ended,
    surviving: (job: string, pids: readonly number[]): void => {
      survivors.push(...pids.map((pid) => ({ job, pid })));
    },
    settle: (last: ShutdownResult): void => {
      const earlier = survivors.filter(({ pid }) => processes.stateOf(pid) !== 'dead');
      const known = new Set(earlier.map(({ pid }) => pid));
      settle({ survivors: [...earlier, ...last.survivors.filter(({ pid }) => !known.has(pid))] });
    },
  };
}
