/**
 * What makes a command line or an argument vector startable at all: quoting, NUL, length, an empty program. It
 * looks at the texts only; whether the program exists is asked in programs.ts.
 */
import { Buffer } from 'node:buffer';
import { LIMITS } from '../core/limits.ts';
import { splitWords, type Word } from './words.ts';

/** Something wrong with a command; `index` is the argument's, null for the command as a whole. */
interface CommandFault {
  readonly index: number | null;
  readonly expected: string;
  readonly found: string;
}

export type Command =
  | { readonly ok: true; readonly argv: readonly [string, ...string[]]; readonly bare: readonly string[] }
  | { readonly ok: false; readonly faults: readonly CommandFault[] };

/** The kernel counts the NUL that ends every argument, so the longest text is one byte shorter. */
const ARGUMENT_BYTES_MAX = LIMITS.argumentMaxBytes - 1;

/** Arguments of a command, given as a line to split, a line for a shell, or one by one. */
export function readCommand(command: string | readonly string[], shell: boolean): Command {
  if (typeof command !== 'string') {
    if (shell) return refuse(null, 'a text for the shell (because of "shell": true)', 'an array');
    return readArguments(command.map((text) => ({ text, quoted: true })));
  }
  const fault = faultOf(command, shell);
  if (fault !== null) return refuse(null, fault.expected, fault.found);
  if (shell) {
    return command.trim() === ''
      ? refuse(null, 'a command', 'only blanks')
      : { ok: true, argv: [command], bare: [] };
  }
  const words = splitWords(command);
  if (!words.ok) return refuse(null, words.expected, words.found);
  const read = readArguments(words.words);
  // The words of a line have no place of their own in the file.
  return read.ok ? read : { ok: false, faults: read.faults.map((fault) => ({ ...fault, index: null })) };
}

/** What is wrong with a text that is to become an argument, or part of one. */
function faultOf(text: string, isArgument: boolean): Omit<CommandFault, 'index'> | null {
  const nulAt = text.indexOf('\0');
  if (nulAt !== -1) return { expected: 'a text without NUL', found: `NUL as character ${nulAt + 1}` };
  const bytes = isArgument ? Buffer.byteLength(text) : 0;
  if (bytes <= ARGUMENT_BYTES_MAX) return null;
  return { expected: `an argument of at most ${ARGUMENT_BYTES_MAX} bytes`, found: `${bytes} bytes` };
}

function readArguments(words: readonly Word[]): Command {
  const [program, ...rest] = words.map((word) => word.text);
  if (program === undefined) return refuse(null, 'a program', 'no word');
  const faults: CommandFault[] = [];
  if (program === '') faults.push({ index: 0, expected: 'a program', found: 'an empty text' });
  for (const [index, word] of words.entries()) {
    const fault = faultOf(word.text, true);
    if (fault !== null) faults.push({ index, ...fault });
  }
  if (faults.length > 0) return { ok: false, faults };
  const bare = words.filter((word) => !word.quoted).map((word) => word.text);
  return { ok: true, argv: [program, ...rest], bare };
}

function refuse(index: number | null, expected: string, found: string): Command {
  return { ok: false, faults: [{ index, expected, found }] };
}
