/**
 * A machine that exists only in these tests: what its folders hold, and checking a jobs file against it.
 */
import {
  type ConfigOptions,
  type ConfigResult,
  checkConfig,
  type Filesystem,
} from '../../src/config/load.ts';

const FILES = new Set([
  '/bin/node',
  '/bin/sh',
  '/work/run.sh',
  '/work/sub/tool',
  '/own/special',
  '/work/data.txt',
]);
const FOLDERS = new Set(['/work', '/work/sub', '/work/locked', '/bin/folder', '/bin']);
const FORBIDDEN = new Set(['/work/data.txt', '/work/locked', '/bin/data']);

export const machine: Filesystem = {
  stat(path) {
    if (FOLDERS.has(path)) return 'folder';
    if (path === '/bin/data' || FILES.has(path)) return 'file';
    if (path === '/dev/null') return 'other';
    return path.startsWith('/forbidden/') ? 'unreachable' : 'missing';
  },
  access: (path) => !FORBIDDEN.has(path),
  isCurrentUser: (user) => user === 'ada' || user === '1000',
  currentUser: () => 'ada',
};

export const OPTIONS: ConfigOptions = { cores: 4, env: { PATH: '/usr/bin:/bin' } };

export function check(text: string, options: Partial<ConfigOptions> = {}): ConfigResult {
  return checkConfig(text, '/work/jobs.json', { ...OPTIONS, ...options }, machine);
}

/** The resolved file; fails with the mistakes when there are any. */
export function resolved(text: string, options: Partial<ConfigOptions> = {}) {
  const result = check(text, options);
  if (!result.ok) throw new Error(result.errors.map((error) => `${error.path}: ${error.message}`).join('\n'));
  return result.config;
}

/** `LINE:COLUMN PATH: MESSAGE` of every mistake. */
export function mistakesIn(text: string, options: Partial<ConfigOptions> = {}): string[] {
  const result = check(text, options);
  return result.ok
    ? []
    : result.errors.map((error) => `${error.line}:${error.column} ${error.path}: ${error.message}`);
}

/** As `mistakesIn`, for warnings. */
export function warningsIn(text: string): string[] {
  return check(text).warnings.map((found) => `${found.line}:${found.column} ${found.path}: ${found.message}`);
}

/** A line of a table: what is wrong, in which text, and all that has to be said. */
export type Row = readonly [what: string, text: string, mistakes: readonly string[]];

/** A file with one job called `a` that has these keys beside its command. */
export function job(keys: string): string {
  return `{"jobs":{"a":{"command":"node x",${keys}}}}`;
}

/** How the smallest job is started. */
export const DEFAULT_LAUNCH = {
  argv: ['node', 'x'],
  shell: false,
  cwd: '/work',
  env: [],
  inheritEnv: true,
  log: { maxBytes: 10_000_000, files: 5 },
};

/** Specification and launch of the job `a` in a file with these keys. */
export function first(text: string) {
  const [only] = resolved(text).jobs;
  if (only === undefined) throw new Error('no job');
  return only;
}
