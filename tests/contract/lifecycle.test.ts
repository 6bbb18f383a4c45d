/** The same histories on the simulated and on the real machine: this licenses the simulation. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Event } from '../../src/core/event.ts';
import type { PhaseKind } from '../../src/core/job/phase.ts';
import { job, restart } from '../sim/specs.ts';
import { type Machine, type MachineMaker, type Program, real, simulated } from './machines.ts';

const FOREVER: Program = { behaviour: {}, argv: ['spin.js'] };
const STUBBORN: Program = { behaviour: { ignoresTerm: true }, argv: ['ignore-term.js'] };
const exits = (exitCode: number): Program => ({
  behaviour: { burstMs: 20, exitCode },
  argv: ['exit-with.js', String(exitCode), '20'],
});

/** What the measuring of a run adds depends on how long it lives. */
const MEASURES = /^(sweep\.|run\.sampled|progress\.|heartbeat\.)/;

function history(machine: Machine, name: string): string[] {
  return machine
    .events()
    .filter((event) => 'job' in event && event.job === name && !MEASURES.test(event.type))
    .map((event) => `${event.type}${'reason' in event ? ` ${event.reason}` : ''}`);
}

const inPhase = (name: string, kind: PhaseKind) => (machine: Machine) =>
  machine.job(name)?.phase.kind === kind;

function ended(machine: Machine, name: string): Extract<Event, { type: 'run.ended' }>[] {
  return machine
    .events()
    .filter(
      (event): event is Extract<Event, { type: 'run.ended' }> =>
        event.type === 'run.ended' && event.job === name,
    );
}

describe.each([
  ['simulated', simulated],
  ['real', real],
] as const)('on the %s machine', (_name, make: MachineMaker) => {
  let machine: Machine | null = null;
  const started = async (...args: Parameters<MachineMaker>): Promise<Machine> => {
    machine = await make(...args);
    return machine;
  };
  afterEach(async () => {
    await machine?.close();
    machine = null;
  });

  it('a clean end completes', async () => {
    const world = await started([[job('a'), exits(0)]]);
    await world.until(inPhase('a', 'completed'), 'the end of a');
    expect(history(world, 'a')).toEqual([
      'job.admitted',
      'job.readied admitted',
      'run.dispatched slot-free',
      'run.spawned',
      'ready.reported',
      'run.ended',
      'job.completed exited-cleanly',
    ]);
  });

  it('failures back off and end in quarantine', async () => {
    const spec = job('a', {
      restart: restart({
        backoff: { initialMs: 10, factor: 1, maxMs: 10, jitter: 0 },
        intensity: { restarts: 2, withinMs: 60_000 },
      }),
    });
    const world = await started([[spec, exits(3)]]);
    await world.until(inPhase('a', 'quarantined'), 'the quarantine of a');
    expect(ended(world, 'a').map(({ cause, code }) => [cause, code])).toEqual([
      ['exited', 3],
      ['exited', 3],
      ['exited', 3],
    ]);
    expect(history(world, 'a').slice(-2)).toEqual(['run.ended', 'job.quarantined intensity-exceeded']);
  });

  it('two that compute share one slot, one at a time', async () => {
    const world = await started(
      [
        [job('a'), FOREVER],
        [job('b'), FOREVER],
      ],
      { quantumMs: 50 },
    );
    const resumptions = () => world.events().filter(({ type }) => type === 'run.resumed').length;
    await world.until(() => resumptions() >= 6, 'six resumptions');
    let computing: string | null = null;
    for (const event of world.events()) {
      if (event.type === 'run.dispatched' || event.type === 'run.resumed') {
        expect(computing, `${event.job} gets the slot when it is free`).toBeNull();
        computing = event.job;
      }
      if (event.type === 'run.suspended') computing = null;
    }
    expect(history(world, 'a').filter((line) => line.startsWith('run.repaired'))).toEqual([]);
  });

  it('a stop reaches a suspended job', async () => {
    const world = await started([
      [job('a'), FOREVER],
      [job('b'), FOREVER],
    ]);
    await world.until(inPhase('a', 'suspended'), 'the suspension of a');
    world.post({ type: 'operator.stop', jobs: ['a'] });
    await world.until(inPhase('a', 'stopped'), 'the stop of a');
    expect(ended(world, 'a')).toMatchObject([{ cause: 'operator-stop', signal: 'SIGTERM', leftovers: [] }]);
  });

  it('what ignores the signal is killed when its grace is over', async () => {
    const world = await started([
      [job('a', { ready: 'message', stop: { signal: 'SIGTERM', graceMs: 200 } }), STUBBORN],
    ]);
    await world.until(inPhase('a', 'running'), 'the start of a');
    if (make === simulated) world.post({ type: 'child.ready', run: { job: 'a', incarnation: 1 } });
    await world.until((now) => now.job('a')?.readyAtMs !== null, 'a ready');
    world.post({ type: 'operator.stop', jobs: ['a'] });
    await world.until(inPhase('a', 'stopped'), 'the end of a');
    expect(history(world, 'a').slice(-4)).toEqual([
      'run.stop-requested',
      'run.kill-requested grace-over',
      'run.ended',
      'job.stopped operator-stop',
    ]);
  });

  it('what a leader leaves behind is ended and named', async () => {
    const program = {
      behaviour: { burstMs: 20, leavesChild: true },
      argv: ['spawn-grandchild.js', '20'],
    } as const;
    const world = await started([[job('a'), program]]);
    await world.until(inPhase('a', 'completed'), 'the end of a');
    expect(ended(world, 'a')[0]?.leftovers).toHaveLength(1);
  });

  it('a program that is gone fails with the path', async () => {
    const program = { behaviour: { spawnFailures: 1 }, argv: ['/nowhere/at/all'] } as const;
    const world = await started([[job('a'), program]]);
    await world.until(inPhase('a', 'failed'), 'the failure of a');
    expect(history(world, 'a').slice(-2)).toEqual(['run.spawn-failed', 'job.failed spawn-failed']);
  });

  it('a person suspends and resumes', async () => {
    const world = await started([[job('a'), FOREVER]]);
    await world.until(inPhase('a', 'running'), 'the start of a');
    world.post({ type: 'operator.suspend', jobs: ['a'] });
    await world.until(inPhase('a', 'suspended'), 'the suspension of a');
    world.post({ type: 'operator.resume', jobs: ['a'] });
    await world.until(inPhase('a', 'running'), 'a computing again');
    expect(history(world, 'a').slice(-4)).toEqual([
      'run.preempted operator-suspend',
      'run.suspended operator-suspend',
      'run.released operator-resume',
      'run.resumed slot-free',
    ]);
  });
});
