/**
 * What a check is given and what it gives: the types that its stages and its callers share.
 */
import type { SupervisorSpec } from '../core/job/spec.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Filesystem } from './filesystem.ts';

export type ConfigResult =
  | { readonly ok: true; readonly config: SupervisorSpec; readonly warnings: Diagnostic[] }
  | { readonly ok: false; readonly errors: Diagnostic[]; readonly warnings: Diagnostic[] };

export interface ConfigOptions {
  readonly cores: number;
  /** Where PATH is looked up for jobs that set none. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Outranks the name in the file. */
  readonly nameOverride?: string;
}

/** All that a check depends on. */
export interface CheckInput {
  readonly text: string;
  readonly file: string;
  readonly options: ConfigOptions;
  readonly filesystem: Filesystem;
  /** Offsets in the text where bytes were no UTF-8. */
  readonly invalidBytesAt: readonly number[];
}
