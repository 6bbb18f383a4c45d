import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/core/event.ts';
import { PHASE_KINDS } from '../../../src/core/job/phase.ts';
import { TRANSITIONS } from '../../../src/core/job/transitions.ts';
import { findJob } from '../../../src/core/state.ts';
import { job } from '../../sim/specs.ts';
import { createWorld, type World } from '../../sim/world.ts';

function phaseOf(world: World, name = 'a') {
  return findJob(world.state(), name)?.phase;
}

function types(world: World, from: number): Event['type'][] {
  return world.events
    .slice(from)
    .map((event) => event.type)
    .filter((type) => !type.startsWith('sweep.'));
}

describe('the transition table', () => {
  it('is total, and reads as follows', () => {
    const letters = (cell: unknown): string =>
      typeof cell === 'function' ? cell.name : cell === 'ignore' ? '-' : '!';
    const lines = PHASE_KINDS.flatMap((phase) =>
      Object.entries(TRANSITIONS[phase]).map(
        ([input, cell]) => `${phase.padEnd(11)} ${input.padEnd(17)} ${letters(cell)}`,
      ),
    );
    expect(lines.length).toBe(PHASE_KINDS.length * 15);
    expect(lines.filter((line) => !/ [-!]$/.test(line)).join('\n')).toMatchInlineSnapshot(`
      "pending     operator.stop     stopRequested
      pending     operator.restart  forgiven
      ready       operator.stop     stopRequested
      ready       operator.restart  forgiven
      starting    os.spawned        spawned
      starting    os.spawn-failed   spawnFailed
      starting    operator.stop     stopRequested
      starting    operator.restart  forgiven
      starting    operator.suspend  suspendPostponed
      starting    operator.resume   resumePostponed
      running     os.sampled        sampled
      running     child.ready       reportedReady
      running     child.heartbeat   reportedHeartbeat
      running     child.progressed  reportedProgress
      running     os.exited         exited
      running     os.suspended      suspended
      running     os.drifted        drifted
      running     child.yielded     yielded
      running     operator.stop     stopRequested
      running     operator.restart  restartRequested
      running     operator.suspend  suspendRunning
      running     operator.resume   resumeRunning
      suspended   os.sampled        sampled
      suspended   child.ready       reportedReady
      suspended   child.heartbeat   reportedHeartbeat
      suspended   child.progressed  reportedProgress
      suspended   os.exited         exited
      suspended   os.drifted        drifted
      suspended   operator.stop     stopRequested
      suspended   operator.restart  restartRequested
      suspended   operator.suspend  suspendSuspended
      suspended   operator.resume   resumeSuspended
      blocked     os.sampled        sampled
      blocked     child.ready       reportedReady
      blocked     child.heartbeat   reportedHeartbeat
      blocked     child.progressed  reportedProgress
      blocked     os.exited         exited
      blocked     os.drifted        drifted
      blocked     operator.stop     stopRequested
      blocked     operator.restart  restartRequested
      blocked     operator.suspend  suspendBlocked
      stopping    os.sampled        sampled
      stopping    child.ready       reportedReady
      stopping    child.heartbeat   reportedHeartbeat
      stopping    child.progressed  reportedProgress
      stopping    os.exited         exited
      stopping    os.emptied        emptied
      stopping    operator.stop     stopRequested
      stopping    operator.restart  restartRequested
      backing-off operator.stop     stopRequested
      backing-off operator.restart  restartFromRest
      quarantined operator.restart  restartFromRest
      completed   operator.restart  restartFromRest
      failed      operator.restart  restartFromRest
      stopped     operator.restart  restartFromRest"
    `);
  });
});

describe('stop', () => {
  it('asks, continues, waits for the grace and then kills', () => {
    const world = createWorld({ jobs: [[job('a'), { ignoresTerm: true }]] });
    world.advance(100);
    world.post({ type: 'operator.stop', jobs: ['a'] });
    expect(phaseOf(world)).toMatchObject({
      kind: 'stopping',
      intent: 'operator-stop',
      stage: { kind: 'asked', killAtMs: 5100 },
    });
    world.advance(4999);
    expect(phaseOf(world)?.kind).toBe('stopping');
    world.advance(1);
    expect(phaseOf(world)).toMatchObject({ kind: 'stopped', reason: 'operator-stop' });
    expect(findJob(world.state(), 'a')?.exit).toMatchObject({ signal: 'SIGKILL', cause: 'operator-stop' });
  });

  it('ends a job that has no process at once', () => {
    const world = createWorld({
      jobs: [
        [job('a'), {}],
        [job('b'), {}],
      ],
    });
    world.post({ type: 'operator.stop', jobs: ['b'] });
    expect(phaseOf(world, 'b')).toMatchObject({ kind: 'stopped', reason: 'operator-stop' });
  });

  it('while starting takes effect once the process exists', () => {
    const world = createWorld({ jobs: [[job('a'), { spawnMs: 50 }]] });
    world.post({ type: 'operator.stop', jobs: ['a'] });
    expect(phaseOf(world)?.kind).toBe('starting');
    world.advance(50);
    expect(phaseOf(world)?.kind).toBe('stopped');
  });

  it('asked for twice is one stop', () => {
    const world = createWorld({ jobs: [[job('a'), { ignoresTerm: true }]] });
    world.post({ type: 'operator.stop', jobs: ['a'] });
    const before = world.events.length;
    world.post({ type: 'operator.stop', jobs: ['a'] });
    expect(types(world, before)).toEqual([]);
  });

  it('after a restart was asked for: the first cause is recorded, the last destination counts', () => {
    const world = createWorld({ jobs: [[job('a'), { ignoresTerm: true }]] });
    world.post({ type: 'operator.restart', jobs: ['a'] });
    world.post({ type: 'operator.stop', jobs: ['a'] });
    world.advance(6000);
    expect(phaseOf(world)?.kind).toBe('stopped');
    expect(findJob(world.state(), 'a')?.exit?.cause).toBe('operator-restart');
  });

  it('of everything leaves nothing that could start', () => {
    const world = createWorld({ jobs: ['a', 'b', 'c'].map((name) => [job(name), {}] as const) });
    world.advance(250);
    world.post({ type: 'operator.shutdown', now: false });
    world.advance(100);
    expect(world.state().stopped).toBe(true);
    world.post({ type: 'operator.restart', jobs: ['a'] });
    expect(phaseOf(world)?.kind).toBe('stopped');
  });

  it('without patience kills at once', () => {
    const world = createWorld({ jobs: [[job('a'), { ignoresTerm: true }]] });
    world.post({ type: 'operator.shutdown', now: false });
    world.post({ type: 'operator.shutdown', now: true });
    world.advance(1);
    expect(world.state().stopped).toBe(true);
  });

  it('of a suspended job counts against the budget until it is gone', () => {
    const world = createWorld({
      jobs: [
        [job('a'), {}],
        [job('b'), { ignoresTerm: true }],
      ],
    });
    world.advance(250);
    expect(phaseOf(world, 'b')?.kind).toBe('suspended');
    world.post({ type: 'operator.stop', jobs: ['b'] });
    world.advance(10);
    expect(phaseOf(world, 'b')?.kind).toBe('stopping');
    expect(phaseOf(world, 'a')).toMatchObject({ kind: 'suspended', reason: 'budget-shrunk' });
  });
});

describe('a leader that leaves others behind', () => {
  it('is over only when they are ended, and says who they were', () => {
    const world = createWorld({ jobs: [[job('a'), { burstMs: 10, leavesChild: true }]] });
    world.advance(10);
    expect(phaseOf(world)).toMatchObject({ kind: 'stopping', stage: { kind: 'leader-gone' } });
    world.advance(1);
    expect(phaseOf(world)?.kind).toBe('completed');
    expect(world.events.find((event) => event.type === 'run.ended')).toMatchObject({
      cause: 'exited',
      leftovers: [1100],
    });
  });
});

describe('suspend and resume by a person', () => {
  it('takes a job out of the ready queue until it is resumed', () => {
    const world = createWorld({
      jobs: [
        [job('a'), {}],
        [job('b'), {}],
      ],
    });
    world.post({ type: 'operator.suspend', jobs: ['a'] });
    world.advance(1000);
    expect(phaseOf(world)).toMatchObject({ kind: 'suspended', by: 'operator' });
    expect(world.computedMs('b')).toBe(1000);
    world.post({ type: 'operator.resume', jobs: ['a'] });
    world.advance(400);
    expect(world.computedMs('a')).toBeGreaterThan(0);
  });

  it('while starting takes effect once the process exists', () => {
    const world = createWorld({ jobs: [[job('a'), { spawnMs: 20 }]] });
    world.post({ type: 'operator.suspend', jobs: ['a'] });
    world.advance(20);
    expect(phaseOf(world)).toMatchObject({ kind: 'suspended', by: 'operator' });
  });

  it('withdrawn before it shows leaves the job in the ready queue', () => {
    const world = createWorld({ jobs: [[job('a'), { suspendMs: 10 }]] });
    world.post({ type: 'operator.suspend', jobs: ['a'] });
    world.post({ type: 'operator.resume', jobs: ['a'] });
    world.advance(20);
    expect(phaseOf(world)?.kind).toBe('running');
  });
});

describe('news', () => {
  it('about an old run changes nothing and is counted', () => {
    const world = createWorld({ jobs: [[job('a'), {}]] });
    const before = world.state();
    world.post({
      type: 'os.exited',
      run: { job: 'a', incarnation: 7 },
      code: 0,
      signal: null,
      scopeEmpty: true,
    });
    expect(world.state()).toEqual({ ...before, counters: { ...before.counters, staleInputs: 1 } });
  });

  it('of a foreign stop is repaired and counted', () => {
    const world = createWorld({ jobs: [[job('a'), {}]] });
    world.post({ type: 'os.drifted', run: { job: 'a', incarnation: 1 }, found: 'stopped' });
    expect(world.events.at(-1)).toMatchObject({ type: 'run.repaired', reason: 'foreign-stop' });
    expect(findJob(world.state(), 'a')?.repairs).toBe(1);
  });
});

describe('dependencies', () => {
  it('wait for ready, and say for whom', () => {
    const needs = job('b', { dependsOn: [{ job: 'a', condition: 'ready' }] });
    const world = createWorld({
      jobs: [
        [job('a', { ready: 'message' }), {}],
        [needs, {}],
      ],
      settings: { workers: 2 },
    });
    expect(phaseOf(world, 'b')).toMatchObject({
      kind: 'pending',
      reason: 'waiting-for-dependency',
      waitsFor: 'a',
    });
    world.post({ type: 'child.ready', run: { job: 'a', incarnation: 1 } });
    world.advance(0);
    expect(phaseOf(world, 'b')?.kind).toBe('running');
  });

  it('that failed are named, and waited for all the same', () => {
    const needs = job('b', { dependsOn: [{ job: 'a', condition: 'completed' }] });
    const world = createWorld({
      jobs: [
        [job('a'), { spawnFailures: 1, burstMs: 50 }],
        [needs, {}],
      ],
    });
    expect(phaseOf(world, 'b')).toMatchObject({
      kind: 'pending',
      reason: 'dependency-failed',
      waitsFor: 'a',
    });
    world.post({ type: 'operator.restart', jobs: ['a'] });
    world.advance(100);
    expect(phaseOf(world, 'b')?.kind).toBe('running');
  });
});

describe('a jobs file applied again', () => {
  const none = { added: [], changed: [], removed: [], settings: {} };

  it('starts what changed anew and leaves what is at rest alone', () => {
    const world = createWorld({
      jobs: [
        [job('a'), {}],
        [job('b'), { burstMs: 5 }],
      ],
      settings: { workers: 2 },
    });
    world.advance(100);
    const changed = ['a', 'b'].map((name) => ({ spec: job(name, { priority: 3 }), relaunch: true }));
    world.post({ type: 'file.applied', ...none, changed });
    world.advance(10);
    expect(findJob(world.state(), 'a')).toMatchObject({
      incarnation: 2,
      exit: { cause: 'definition-changed' },
    });
    expect(findJob(world.state(), 'b')).toMatchObject({
      incarnation: 1,
      phase: { kind: 'completed' },
      spec: { priority: 3 },
    });
  });

  it('applies in place what needs no new process', () => {
    const world = createWorld({ jobs: [[job('a'), {}]] });
    world.post({
      type: 'file.applied',
      ...none,
      changed: [{ spec: job('a', { priority: 3 }), relaunch: false }],
    });
    expect(findJob(world.state(), 'a')).toMatchObject({
      incarnation: 1,
      phase: { kind: 'running' },
      spec: { priority: 3 },
    });
  });

  it('ends what is gone, and takes it back when it is named again meanwhile', () => {
    const world = createWorld({
      jobs: [
        [job('a'), { ignoresTerm: true }],
        [job('b'), {}],
      ],
      settings: { workers: 2 },
    });
    world.post({ type: 'file.applied', ...none, removed: ['a', 'b'] });
    world.post({ type: 'file.applied', ...none, added: [job('a')] });
    world.advance(6000);
    expect(findJob(world.state(), 'a')).toMatchObject({ incarnation: 2, phase: { kind: 'running' } });
    expect(findJob(world.state(), 'b')).toBeUndefined();
  });

  it('that goes stays gone whatever is asked meanwhile', () => {
    const world = createWorld({ jobs: [[job('a'), { ignoresTerm: true }]] });
    world.post({ type: 'file.applied', ...none, removed: ['a'] });
    world.post({ type: 'operator.restart', jobs: ['a'] });
    world.post({ type: 'operator.stop', jobs: ['a'] });
    world.advance(6000);
    expect(findJob(world.state(), 'a')).toBeUndefined();
  });

  it('does not start what a person is stopping', () => {
    const world = createWorld({ jobs: [[job('a'), { ignoresTerm: true }]] });
    world.post({ type: 'operator.stop', jobs: ['a'] });
    world.post({ type: 'file.applied', ...none, changed: [{ spec: job('a'), relaunch: true }] });
    world.advance(6000);
    expect(findJob(world.state(), 'a')).toMatchObject({ incarnation: 1, phase: { kind: 'stopped' } });
  });

  it('never gives a number of a run out twice', () => {
    const world = createWorld({ jobs: [[job('a'), {}]] });
    world.post({ type: 'file.applied', ...none, removed: ['a'] });
    world.advance(10);
    world.post({ type: 'file.applied', ...none, added: [job('a')] });
    world.advance(10);
    expect(findJob(world.state(), 'a')?.incarnation).toBe(2);
  });
});
