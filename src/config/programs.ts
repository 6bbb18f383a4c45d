/**
 * Checks that a job could be started now: its command, its working folder, its program. It asks the injected
 * filesystem and nobody else. What goes wrong only later is for the daemon to report.
 */
import path from 'node:path';
import { type Command, readCommand } from './commands.ts';
import { makeVisible } from './diagnostic.ts';
import type { Filesystem, PathKind } from './filesystem.ts';
import { isBroken, type JobInFile, sayingEntry } from './inherit.ts';
import type { CheckInput } from './input.ts';
import { mistake, type Place, type Report, valuePlace, warning } from './report.ts';
import { type Entry, entryOf } from './tree.ts';

/** Where the C library looks when there is no PATH. */
const PATH_WITHOUT_PATH = '/bin:/usr/bin';

/** Words that only a shell understands; standing bare, they are probably meant for one. */
const SHELL_OPERATORS: ReadonlySet<string> = new Set([
  '|',
  '||',
  '&',
  '&&',
  ';',
  '>',
  '>>',
  '<',
  '2>',
  '2>&1',
]);

/** Checks command, working folder and program. */
export function checkProgram(report: Report, inFile: JobInFile, input: CheckInput): void {
  const entry = entryOf(inFile.job.node, inFile.job.path, 'command');
  const cwd = checkFolder(report, inFile, input);
  const command = checkCommand(report, inFile, entry);
  if (entry === undefined || command === null || !command.ok || inFile.fields.shell === true) return;
  const [program] = command.argv;
  const place = argumentPlace(entry, 0);
  if (program.includes('/')) {
    if (cwd === null && !path.isAbsolute(program)) return;
    const full = path.resolve(cwd ?? '/', program);
    const problem = programProblem(input.filesystem, full);
    if (problem !== null) mistake(report, place, 'a program', problem);
    return;
  }
  if (isBroken(inFile, 'env')) return;
  const searched = inFile.fields.env?.get('PATH') ?? input.options.env.PATH ?? PATH_WITHOUT_PATH;
  const problem = searchProblem(
    input.filesystem,
    program,
    searched,
    cwd ?? path.dirname(path.resolve(input.file)),
  );
  if (problem !== null) mistake(report, place, 'a program', problem);
}

/** Absolute working folder of the job; null after a mistake, which is reported. */
export function checkFolder(report: Report, inFile: JobInFile, input: CheckInput): string | null {
  const folder = path.dirname(path.resolve(input.file));
  const entry = sayingEntry(inFile, 'cwd');
  if (isBroken(inFile, 'cwd')) return null;
  if (entry === undefined || inFile.fields.cwd === undefined) return folder;
  const cwd = path.resolve(folder, inFile.fields.cwd);
  const kind = input.filesystem.stat(cwd);
  if (kind === 'folder' && input.filesystem.access(cwd)) return cwd;
  const expected = kind === 'folder' ? 'a folder that may be entered' : 'a folder';
  const found = kind === 'folder' ? makeVisible(cwd) : foundAt(kind, cwd);
  mistake(report, valuePlace(entry.node, entry.path), expected, found);
  return null;
}

/** The arguments; null when something needed to read them could not be read itself. */
function checkCommand(report: Report, inFile: JobInFile, entry: Entry | undefined): Command | null {
  const written = inFile.job.fields.command;
  if (written === undefined || entry === undefined || isBroken(inFile, 'shell')) return null;
  const command = readCommand(written, inFile.fields.shell ?? false);
  if (command.ok) {
    for (const word of command.bare) {
      if (!SHELL_OPERATORS.has(word)) continue;
      const message = `"${word}" is given to the program as an argument; a shell needs "shell": true`;
      warning(report, valuePlace(entry.node, entry.path), message);
    }
    return command;
  }
  for (const fault of command.faults) {
    mistake(report, argumentPlace(entry, fault.index), fault.expected, fault.found);
  }
  return command;
}

/** The argument if the command is an array, else the whole line. */
function argumentPlace(entry: Entry, index: number | null): Place {
  const argument = entry.node.type === 'array' && index !== null ? entry.node.children?.[index] : undefined;
  if (argument === undefined || index === null) return valuePlace(entry.node, entry.path);
  return valuePlace(argument, [...entry.path, index]);
}

/** What is there instead of a program, null when it is one. */
function programProblem(filesystem: Filesystem, full: string): string | null {
  const kind = filesystem.stat(full);
  if (kind !== 'file') return foundAt(kind, full);
  return filesystem.access(full) ? null : `${foundAt('file', full)} that is not executable`;
}

/** As the kernel's search goes on after a folder or a file it may not run, so does this one. */
function searchProblem(filesystem: Filesystem, name: string, searched: string, cwd: string): string | null {
  // The folders of PATH are values of the environment, hence not in the message.
  let problem = `no ${makeVisible(JSON.stringify(name))} in PATH`;
  for (const folder of searched.split(':')) {
    const full = path.resolve(cwd, folder, name);
    const kind = filesystem.stat(full);
    if (kind === 'file' && filesystem.access(full)) return null;
    if (kind === 'file') problem = 'a file of that name in PATH that is not executable';
    if (kind === 'folder') problem = 'a folder of that name in PATH';
  }
  return problem;
}

function foundAt(kind: PathKind, full: string): string {
  const shown = makeVisible(full);
  switch (kind) {
    case 'file':
      return `a file at ${shown}`;
    case 'folder':
      return `a folder at ${shown}`;
    case 'other':
      return `neither file nor folder at ${shown}`;
    case 'missing':
      return `nothing at ${shown}`;
    case 'unreachable':
      return `${shown}, which can't be reached`;
  }
}
