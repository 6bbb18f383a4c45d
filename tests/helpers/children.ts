/** Commands of the ready-made child programs. */
import { fileURLToPath } from 'node:url';

const FIXTURES = new URL('../fixtures/children/', import.meta.url);
const OWN = new URL('./children/', import.meta.url);

/** `command` of a job that runs a program of tests/fixtures/children. */
export function child(file: string, ...args: readonly (string | number)[]): string[] {
  return commandOf(fileURLToPath(new URL(file, FIXTURES)), args);
}

/** The same for a program of tests/helpers/children. */
export function helper(file: string, ...args: readonly (string | number)[]): string[] {
  return commandOf(fileURLToPath(new URL(file, OWN)), args);
}

function commandOf(path: string, args: readonly (string | number)[]): string[] {
  return [path.endsWith('.sh') ? 'sh' : 'node', path, ...args.map(String)];
}
