/**
 * How the processes of a job are started: its environment. What is inherited is the environment of the `start`
 * that brought the daemon up; no file keeps it and nothing shows its values.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RunId } from '../core/job/phase.ts';
import type { LaunchSpec } from '../core/job/spec.ts';
import { MARK_VARIABLE, markOf } from './mark.ts';

export interface Environments {
  readonly of: (run: RunId, launch: LaunchSpec) => Readonly<Record<string, string>>;
}

/** Environments made of `inherited` (the daemon's own). */
export function createEnvironments(
  inherited: Readonly<Record<string, string | undefined>>,
  markPrefix: string,
): Environments {
  // Reading process.env is a system call for each key; it does not change any more.
  const base = Object.entries(inherited).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    of: (run, launch) => {
      const environment: Record<string, string> = Object.create(null);
      if (launch.inheritEnv) for (const [key, value] of base) environment[key] = value;
      for (const [key, value] of launch.env) environment[key] = value;
      environment['NODE_CHANNEL_FD'] = '3';
      environment['NODE_CHANNEL_SERIALIZATION_MODE'] = 'json';
      environment['NODE_OPTIONS'] = titled(environment['NODE_OPTIONS'], run.job);
      environment['SUPERVISE_JOB'] = run.job;
      environment['SUPERVISE_INCARNATION'] = String(run.incarnation);
      environment[MARK_VARIABLE] = markOf(markPrefix, run);
      return environment;
    },
  };
}

/** The first Node whose main thread gives itself a name after `--title` was applied. */
const NAMES_ITSELF = 23;

const TITLE_FILE = fileURLToPath(new URL('./title.cjs', import.meta.url));

/**
 * What sets the title again where that is needed. Jobs are taken to run on the daemon's own Node. The file is
 * there once the package is built; without it a job only shows another name.
 */
const AGAIN =
  Number.parseInt(process.versions.node, 10) >= NAMES_ITSELF && existsSync(TITLE_FILE)
    ? ` --require=${JSON.stringify(TITLE_FILE)}`
    : '';

/** `--title` is what `top` shows for a Node program; what the user set goes before it. */
function titled(options: string | undefined, job: string): string {
  const title = `--title=${job}${AGAIN}`;
  if (options === undefined || options === '') return title;
  return options.includes('--title') ? options : `${options} ${title}`;
}
