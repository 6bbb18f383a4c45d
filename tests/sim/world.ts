/**
 * A fake operating system in virtual time around the real core: processes that compute, end, ignore signals,
 * grow, fail to start. Deterministic: the same jobs and commands give the same history. After every step all
 * invariants are checked, so every test that uses a world is a test of them.
 */
import type { Effect } from '../../src/core/effect.ts';
import type { Event } from '../../src/core/event.ts';
import { evolve } from '../../src/core/evolve.ts';
import type { Input, Reading } from '../../src/core/input.ts';
import type { RunId } from '../../src/core/job/phase.ts';
import type { JobSpec } from '../../src/core/job/spec.ts';
import { EMPTY_STATE, findJob, type Settings, type State } from '../../src/core/state.ts';
import { decide, wakeAt } from '../../src/core/supervisor.ts';
import { checkEffects, checkState } from './invariants.ts';
import { DEFAULT_SETTINGS } from './specs.ts';

/** What the program of a job does, each time it is started. */
export interface Behaviour {
  /** CPU time until it ends by itself; Infinity: never. */
  readonly burstMs?: number;
  readonly exitCode?: number;
  readonly ignoresTerm?: boolean;
  /** Fails to start this often, with this fault. */
  readonly spawnFailures?: number;
  readonly spawnFault?: 'job' | 'machine';
  /** Leaves a process behind when it ends. */
  readonly leavesChild?: boolean;
  readonly startBytes?: number;
  readonly growthBytesPerMs?: number;
  /** Time from order to effect. */
  readonly spawnMs?: number;
  readonly suspendMs?: number;
}

interface Process {
  readonly run: RunId;
  readonly pid: number;
  readonly behaviour: Behaviour;
  leftMs: number;
  computedMs: number;
  stopped: boolean;
  over: boolean;
}

export interface World {
  readonly state: () => State;
  readonly nowMs: () => number;
  readonly events: Event[];
  /** Every input that was taken, for replay. */
  readonly inputs: { readonly atMs: number; readonly input: Input }[];
  readonly post: (input: Input) => void;
  /** Lets virtual time pass. */
  readonly advance: (ms: number) => void;
  /** Runs until nothing is left to happen, or the limit. */
  readonly settle: (limitMs?: number) => void;
  readonly computedMs: (job: string) => number;
  readonly processes: () => readonly Process[];
  /** One line a job, one column for each `columnMs`: the slot it computes in, or `.` for ready. */
  readonly gantt: (columnMs: number) => string;
}

export interface WorldOptions {
  readonly jobs: readonly (readonly [JobSpec, Behaviour])[];
  readonly settings?: Partial<Settings>;
  readonly seed?: number;
}

/** A started world: the jobs are admitted at 0. */
export function createWorld(options: WorldOptions): World {
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const first: Event = {
    type: 'supervisor.started',
    name: 'sim',
    ...settings,
    seed: options.seed ?? 1,
    at: 0,
  };
  const behaviours = new Map(options.jobs.map(([spec, behaviour]) => [spec.name, behaviour]));
  const failuresLeft = new Map(
    options.jobs.map(([spec, { spawnFailures = 0 }]) => [spec.name, spawnFailures]),
  );
  let state = evolve(EMPTY_STATE, first);
  let nowMs = 0;
  let nextPid = 100;
  const events: Event[] = [first];
  const inputs: World['inputs'] = [];
  const processes: Process[] = [];
  const due: { atMs: number; act: () => void }[] = [];
  const history: { atMs: number; state: State }[] = [{ atMs: 0, state }];

  const post = (input: Input): void => {
    inputs.push({ atMs: nowMs, input });
    const decision = decide(state, input, nowMs);
    checkState(state, decision, nowMs);
    checkEffects(decision);
    state = decision.next;
    events.push(...decision.events);
    history.push({ atMs: nowMs, state });
    for (const effect of decision.effects) perform(effect);
    const wake = wakeAt(state, nowMs);
    if (wake !== null && wake <= nowMs) throw new Error(`livelock: wake at ${wake}, now ${nowMs}`);
  };
  const later = (ms: number, act: () => void): void => {
    due.push({ atMs: nowMs + ms, act });
    due.sort((a, b) => a.atMs - b.atMs);
  };
  const find = (run: RunId): Process | undefined =>
    processes.find((p) => p.run.job === run.job && p.run.incarnation === run.incarnation && !p.over);

  const end = (process: Process, code: number | null, signal: string | null): void => {
    process.over = true;
    const scopeEmpty = process.behaviour.leavesChild !== true;
    later(0, () => post({ type: 'os.exited', run: process.run, code, signal, scopeEmpty }));
  };

  const spawn = (run: RunId): void => {
    const behaviour = behaviours.get(run.job) ?? {};
    const left = failuresLeft.get(run.job) ?? 0;
    later(behaviour.spawnMs ?? 0, () => {
      if (left > 0) {
        failuresLeft.set(run.job, left - 1);
        const fault = behaviour.spawnFault ?? 'job';
        const code = fault === 'job' ? 'ENOENT' : 'EAGAIN';
        post({ type: 'os.spawn-failed', run, code, message: `${code}: no`, fault });
        return;
      }
      const pid = nextPid++;
      processes.push({
        run,
        pid,
        behaviour,
        leftMs: behaviour.burstMs ?? Infinity,
        computedMs: 0,
        stopped: false,
        over: false,
      });
      post({ type: 'os.spawned', run, pid, startTime: pid });
    });
  };

  const sample = (runs: Extract<Effect, { type: 'sweep' }>['runs']): void => {
    const readings = runs.flatMap(({ run }): Reading[] => {
      const process = find(run);
      if (process === undefined) return [];
      const { startBytes = 10e6, growthBytesPerMs = 0 } = process.behaviour;
      const rssBytes = Math.floor(startBytes + growthBytesPerMs * process.computedMs);
      return [
        { run, rssBytes, cpuMs: Math.floor(process.computedMs), cpuPercent: null, processes: 1, ageMs: 0 },
      ];
    });
    later(0, () => post({ type: 'sweep.finished', readings, costMs: 0 }));
  };

  const perform = (effect: Effect): void => {
    if (effect.type === 'spawn') return spawn(effect.run);
    if (effect.type === 'sweep') return sample(effect.runs);
    if (effect.type === 'end-scope')
      return later(1, () => post({ type: 'os.emptied', run: effect.run, leftovers: [effect.pid + 1000] }));
    if (effect.type === 'leave' || effect.type === 'announce-pressure') return;
    const process = find(effect.run);
    if (process === undefined) return;
    switch (effect.type) {
      case 'suspend':
        return later(process.behaviour.suspendMs ?? 0, () => {
          if (process.over) return;
          process.stopped = true;
          post({ type: 'os.suspended', run: process.run, seen: true });
        });
      case 'resume':
        process.stopped = false;
        return;
      case 'stop':
        process.stopped = false;
        if (process.behaviour.ignoresTerm !== true) end(process, null, effect.signal);
        return;
      case 'kill':
        return end(process, null, 'SIGKILL');
      case 'signal':
        return;
    }
  };

  /** The next instant at which anything happens by itself. */
  const nextInstant = (): number | null => {
    const bursts = processes
      .filter((p) => !p.over && !p.stopped && p.leftMs !== Infinity)
      .map((p) => nowMs + p.leftMs);
    const wake = wakeAt(state, nowMs);
    const all = [...bursts, ...due.slice(0, 1).map((d) => d.atMs), ...(wake === null ? [] : [wake])];
    return all.length === 0 ? null : Math.max(nowMs, Math.min(...all));
  };
  const passTo = (atMs: number): void => {
    const ms = atMs - nowMs;
    for (const process of processes) {
      if (process.over || process.stopped) continue;
      process.leftMs -= ms;
      process.computedMs += ms;
    }
    nowMs = atMs;
  };
  const happen = (): void => {
    for (const process of processes) {
      if (!process.over && !process.stopped && process.leftMs <= 0)
        end(process, process.behaviour.exitCode ?? 0, null);
    }
    while (due[0] !== undefined && due[0].atMs <= nowMs) due.shift()?.act();
    const wake = wakeAt(state, nowMs - 1);
    if (wake !== null && wake <= nowMs) post({ type: 'clock.woke' });
  };
  const advance = (ms: number): void => {
    const untilMs = nowMs + ms;
    for (let at = nextInstant(); at !== null && at <= untilMs; at = nextInstant()) {
      const inputsBefore = inputs.length;
      passTo(at);
      happen();
      if (inputs.length === inputsBefore && nextInstant() === at) throw new Error(`stuck at ${at}`);
    }
    passTo(untilMs);
  };

  const world: World = {
    state: () => state,
    nowMs: () => nowMs,
    events,
    inputs,
    post,
    advance,
    settle: (limitMs = 3_600_000) => {
      const untilMs = nowMs + limitMs;
      for (
        let at = nextInstant();
        at !== null && at <= untilMs && processes.some((p) => !p.over);
        at = nextInstant()
      )
        advance(at - nowMs);
    },
    computedMs: (name) =>
      processes.filter((p) => p.run.job === name).reduce((sum, p) => sum + p.computedMs, 0),
    processes: () => processes,
    gantt: (columnMs) => ganttOf(history, nowMs, columnMs),
  };
  post({
    type: 'file.applied',
    added: options.jobs.map(([spec]) => spec),
    changed: [],
    removed: [],
    settings: {},
  });
  advance(0);
  return world;
}

function ganttOf(
  history: readonly { atMs: number; state: State }[],
  untilMs: number,
  columnMs: number,
): string {
  const names = [...(history.at(-1)?.state.names.keys() ?? [])];
  const lines = names.map((name) => {
    let line = '';
    for (let atMs = 0; atMs < untilMs; atMs += columnMs) line += letterAt(history, name, atMs + columnMs / 2);
    return `${name} ${line.trimEnd()}`;
  });
  return lines.join('\n');
}

function letterAt(history: readonly { atMs: number; state: State }[], name: string, atMs: number): string {
  const state = history.findLast((entry) => entry.atMs <= atMs)?.state;
  const phase = state === undefined ? undefined : findJob(state, name)?.phase;
  if (phase === undefined) return ' ';
  if (
    (phase.kind === 'running' || phase.kind === 'starting' || phase.kind === 'stopping') &&
    phase.slot !== null
  ) {
    return String(phase.slot);
  }
  if (phase.kind === 'ready' || phase.kind === 'suspended') return '.';
  return phase.kind === 'backing-off' ? '~' : ' ';
}
