/** What differs between the jobs file in force and the one handed over. Compares values, environments included. */
import type { FileDifference, SettingsChange } from '../core/input.ts';
import { isAtRest } from '../core/job/phase.ts';
import type { SupervisorSpec } from '../core/job/spec.ts';
import { findJob, type State } from '../core/state.ts';
import type { ApplyResult } from '../wire/api.ts';

type Job = SupervisorSpec['jobs'][number];

/** The difference as the core takes it; environments stay here. */
export function differenceOf(before: SupervisorSpec, after: SupervisorSpec): FileDifference {
  const old = new Map(before.jobs.map((job) => [job.spec.name, job]));
  const names = new Set(after.jobs.map((job) => job.spec.name));
  return {
    added: after.jobs.filter((job) => !old.has(job.spec.name)).map((job) => job.spec),
    changed: after.jobs.flatMap((job) => changeOf(old.get(job.spec.name), job)),
    removed: before.jobs.map((job) => job.spec.name).filter((name) => !names.has(name)),
    settings: settingsChange(before, after),
  };
}

/** Every setting of a file, for the first application. */
export function settingsOf(spec: SupervisorSpec): Required<SettingsChange> {
  const { policy, quantumMs, agingMs } = spec.schedule;
  // Whatever the file says: sleepers are not told apart yet, and status must show what really happens.
  const blocking = 'hold';
  return { workers: spec.workers, policy, quantumMs, agingMs, blocking, sampleMs: spec.sampleMs };
}

function changeOf(before: Job | undefined, after: Job): { spec: Job['spec']; relaunch: boolean }[] {
  if (before === undefined) return [];
  const relaunch = processPart(before) !== processPart(after);
  const changed =
    relaunch ||
    JSON.stringify([before.spec, before.launch.log]) !== JSON.stringify([after.spec, after.launch.log]);
  return changed ? [{ spec: after.spec, relaunch }] : [];
}

/** What a process is started with: a change of it can't be applied to one that runs. */
function processPart({ launch }: Job): string {
  const { argv, shell, cwd, env, inheritEnv } = launch;
  return JSON.stringify([argv, shell, cwd, env, inheritEnv]);
}

function settingsChange(before: SupervisorSpec, after: SupervisorSpec): SettingsChange {
  const old = new Map<string, unknown>(Object.entries(settingsOf(before)));
  return Object.fromEntries(
    Object.entries(settingsOf(after)).filter(([key, value]) => old.get(key) !== value),
  );
}

/** What a person is told of the difference, given what the jobs are doing at this moment. */
export function applyResultOf(difference: FileDifference, after: SupervisorSpec, state: State): ApplyResult {
  const added = difference.added.map((spec) => spec.name);
  const changed = difference.changed.map(({ spec, relaunch }) => ({
    name: spec.name,
    how: how(state, spec.name, relaunch),
  }));
  const touched = new Set([...added, ...changed.map(({ name }) => name)]);
  return {
    added,
    changed,
    removed: difference.removed,
    unchanged: after.jobs.map(({ spec }) => spec.name).filter((name) => !touched.has(name)),
    settings: Object.keys(difference.settings),
    environmentKept: added.length > 0 || changed.some((change) => change.how === 'restarted'),
  };
}

function how(state: State, name: string, relaunch: boolean): ApplyResult['changed'][number]['how'] {
  const phase = findJob(state, name)?.phase;
  if (phase === undefined || isAtRest(phase)) return 'at-rest';
  return relaunch && ('run' in phase || phase.kind === 'starting') ? 'restarted' : 'in-place';
}
