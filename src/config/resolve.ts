/**
 * Makes the specification of a supervisor from a file without mistakes: defaults filled in, paths absolute,
 * replicas expanded. It reports nothing; a value it can't understand here is a bug.
 */
import path from 'node:path';
import type { Dependency, JobSpec, LaunchSpec, RestartSpec, SupervisorSpec } from '../core/job/spec.ts';
import { LIMITS } from '../core/limits.ts';
import { readCommand } from './commands.ts';
import { DEFAULTS } from './defaults.ts';
import type { CheckedFile } from './file.ts';
import { mergeFields } from './inherit.ts';
import type { CheckInput } from './input.ts';
import type { JobFields } from './job-shape.ts';
import { nameOfFolder } from './name.ts';
import { parseDuration, parseSize, type Quantity } from './quantity.ts';

type ResolvedJob = SupervisorSpec['jobs'][number];

/** Only for files without mistakes. */
export function resolveFile(file: CheckedFile, input: CheckInput): SupervisorSpec {
  const absolute = path.resolve(input.file);
  const { schedule } = file;
  return {
    name: input.options.nameOverride ?? file.name ?? nameOfFolder(absolute),
    file: absolute,
    workers: file.workers ?? Math.min(LIMITS.workersMax, Math.max(1, input.options.cores - 1)),
    schedule: {
      policy: schedule?.policy ?? DEFAULTS.policy,
      quantumMs: schedule?.quantum ?? milliseconds(DEFAULTS.quantum),
      // Not `??`: null is "off".
      agingMs: schedule?.aging === undefined ? milliseconds(DEFAULTS.aging) : schedule.aging,
      blocking: schedule?.blocking ?? DEFAULTS.blocking,
    },
    sampleMs: file.memory?.sample ?? milliseconds(DEFAULTS.sample),
    jobs: resolveJobs(file, path.dirname(absolute)),
  };
}

function resolveJobs(file: CheckedFile, folder: string): ResolvedJob[] {
  const merged = new Map<string, JobFields>();
  for (const job of file.jobs) merged.set(job.name, mergeFields(file.defaults?.fields ?? {}, job.fields));
  const jobs: ResolvedJob[] = [];
  for (const [name, fields] of merged) {
    // Shared by the replicas: a thousand of them may depend on a thousand others.
    const spec = jobSpec(name, fields, resolveDependencies(fields, merged));
    const launch = launchSpec(fields, folder);
    if (replicasOf(fields) === 1) jobs.push({ spec, launch });
    else {
      for (const replica of replicaNames(name, fields)) {
        jobs.push({ spec: { ...spec, name: replica, replicaOf: name }, launch });
      }
    }
  }
  return jobs;
}

function resolveDependencies(fields: JobFields, merged: ReadonlyMap<string, JobFields>): Dependency[] {
  return [...(fields.dependsOn ?? [])].flatMap(([name, condition]) =>
    replicaNames(name, merged.get(name) ?? {}).map((job) => ({ job, condition })),
  );
}

function replicasOf(fields: JobFields): number {
  return fields.replicas ?? DEFAULTS.replicas;
}

function replicaNames(name: string, fields: JobFields): string[] {
  const replicas = replicasOf(fields);
  return replicas === 1 ? [name] : Array.from({ length: replicas }, (_, index) => `${name}:${index}`);
}

function jobSpec(name: string, fields: JobFields, dependsOn: readonly Dependency[]): JobSpec {
  const { memory, stop, mailbox } = fields;
  return {
    name,
    replicaOf: null,
    dependsOn,
    ready: fields.ready === 'message' ? 'message' : 'spawned',
    memory: { highBytes: memory?.high ?? null, maxBytes: memory?.max ?? null },
    priority: fields.priority ?? DEFAULTS.priority,
    weight: fields.weight ?? DEFAULTS.weight,
    preempt: fields.preempt ?? DEFAULTS.preempt,
    restart: restartSpec(fields.restart ?? {}),
    stop: {
      signal: stop?.signal ?? DEFAULTS.stop.signal,
      graceMs: stop?.grace ?? milliseconds(DEFAULTS.stop.grace),
    },
    mailbox: {
      capacity: mailbox?.capacity ?? DEFAULTS.mailbox.capacity,
      overflow: mailbox?.overflow ?? DEFAULTS.mailbox.overflow,
      onRestart: mailbox?.onRestart ?? DEFAULTS.mailbox.onRestart,
    },
  };
}

function restartSpec(restart: NonNullable<JobFields['restart']>): RestartSpec {
  const { backoff, intensity } = restart;
  return {
    policy: restart.policy ?? DEFAULTS.restartPolicy,
    backoff: {
      initialMs: backoff?.initial ?? milliseconds(DEFAULTS.backoff.initial),
      factor: backoff?.factor ?? DEFAULTS.backoff.factor,
      maxMs: backoff?.max ?? milliseconds(DEFAULTS.backoff.max),
      jitter: backoff?.jitter ?? DEFAULTS.backoff.jitter,
    },
    intensity: {
      // Not `??`: null is "unlimited".
      restarts: intensity?.restarts === undefined ? DEFAULTS.intensity.restarts : intensity.restarts,
      withinMs: intensity?.within ?? milliseconds(DEFAULTS.intensity.within),
    },
    stableAfterMs: restart.stableAfter ?? milliseconds(DEFAULTS.stableAfter),
    permanentExitCodes: restart.permanentExitCodes ?? DEFAULTS.permanentExitCodes,
  };
}

function launchSpec(fields: JobFields, folder: string): LaunchSpec {
  const shell = fields.shell ?? DEFAULTS.shell;
  const command = readCommand(fields.command ?? '', shell);
  if (!command.ok) throw new Error('a command that passed its check can no longer be read');
  return {
    argv: command.argv,
    shell,
    cwd: path.resolve(folder, fields.cwd ?? DEFAULTS.cwd),
    // By code unit, so that the same file gives the same order everywhere.
    env: [...(fields.env ?? [])].sort(([left], [right]) => (left < right ? -1 : 1)),
    inheritEnv: fields.inheritEnv ?? DEFAULTS.inheritEnv,
    log: {
      maxBytes: fields.log?.maxSize ?? bytes(DEFAULTS.log.maxSize),
      files: fields.log?.files ?? DEFAULTS.log.files,
    },
  };
}

function milliseconds(text: string): number {
  return known(text, parseDuration(text));
}

function bytes(text: string): number {
  return known(text, parseSize(text));
}

function known(text: string, quantity: Quantity): number {
  if (typeof quantity !== 'number') throw new Error(`the built-in default ${text} is ${quantity}`);
  return quantity;
}
