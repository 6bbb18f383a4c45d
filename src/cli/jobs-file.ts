/** Reads a jobs file for a command: warnings to people, all mistakes at once, nothing started on any. */
import { availableParallelism } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import type { Diagnostic } from '../config/diagnostic.ts';
import type { SupervisorSpec } from '../core/job/spec.ts';
import { type Context, checkName, note } from './context.ts';
import { ReportedError } from './failure.ts';
import { countText } from './render/format.ts';

export const DEFAULT_FILE = 'jobs.json';

export interface LoadedFile {
  readonly config: SupervisorSpec;
  readonly warnings: readonly Diagnostic[];
}

/** The checked file; the name asked for outranks the one it gives. */
export async function loadFile(context: Context, file: string): Promise<LoadedFile> {
  const { loadConfig, formatDiagnostic } = await import('../config/load.ts');
  const { env, cwd } = context.io;
  const name = context.name ?? (env.SUPERVISE_NAME || undefined);
  if (name !== undefined) await checkName(name);
  // Mistakes name the file as the person did, so it is made absolute only when it has to be.
  const path = isAbsolute(file) || cwd === process.cwd() ? file : join(cwd, file);
  const loaded = await loadConfig(path, {
    cores: availableParallelism(),
    env,
    ...(name === undefined ? {} : { nameOverride: name }),
  });
  if (!context.json) for (const warning of loaded.warnings) note(context, formatDiagnostic(warning));
  if (loaded.ok) return loaded;
  if (!context.json) {
    for (const mistake of loaded.errors) note(context, formatDiagnostic(mistake));
    note(context, `${countText(loaded.errors.length, 'mistake')} in ${basename(file)}; nothing was started`);
  }
  const message = `${countText(loaded.errors.length, 'mistake')} in ${file}`;
  throw new ReportedError('SUPERVISE_BAD_FILE', message, loaded.errors);
}
