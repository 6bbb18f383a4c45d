/**
 * Names of supervisors, jobs and bulkheads: which are valid, and which one a jobs file gives. Every command
 * asks this to find the supervisor that is meant, so it must stay light: no zod ever, jsonc-parser only for
 * files that are not plain JSON. It reports no mistakes; that is what load.ts is for.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { readJobsFile } from './read.ts';

/** One pattern for all names. `__proto__` fails at its first character already. */
export const NAME_PATTERN = /^(?!(?:constructor|prototype)$)[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

const NAME_LENGTH_MAX = 64;
const FALLBACK_NAME = 'supervise';

/** Whether this may be the name of a supervisor, a job or a bulkhead. */
export function isValidName(name: string): boolean {
  return NAME_PATTERN.test(name);
}

/** The name written in a jobs file; null when there is none, it is invalid, or the file can't be read. */
export function nameInFile(file: string): string | null {
  const read = readJobsFile(file);
  if (!read.ok) return null;
  const parsed = parseLeniently(read.bytes.toString('utf8').replace(/^\uFEFF/, ''));
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
  if (!Object.hasOwn(parsed, 'name')) return null;
  const name = (parsed as { readonly name: unknown }).name;
  return typeof name === 'string' && isValidName(name) ? name : null;
}

/** The name of a supervisor whose jobs file names none: its folder's, made valid if need be. */
export function nameOfFolder(file: string): string {
  const folder = path.basename(path.dirname(path.resolve(file)));
  if (isValidName(folder)) return folder;
  const sanitised = folder
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, NAME_LENGTH_MAX)
    .replace(/-+$/, '');
  return isValidName(sanitised) ? sanitised : FALLBACK_NAME;
}

function parseLeniently(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Comments or trailing commas, most likely: only now is the tolerant parser worth its load time.
  }
  try {
    const jsonc = createRequire(import.meta.url)('jsonc-parser') as typeof import('jsonc-parser');
    return jsonc.parse(text, [], { allowTrailingComma: true });
  } catch {
    // Nesting deep enough to exhaust the stack; such a file names nobody.
    return null;
  }
}
