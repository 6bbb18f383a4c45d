/**
 * Splits a command line into words the way a shell quotes them: 'single', "double", backslash. Nothing is
 * expanded and nothing is run; a shell operator is a word like any other, which the caller may warn about.
 */

export interface Word {
  readonly text: string;
  /** False: every character stood there bare, so a shell could have given the word a meaning. */
  readonly quoted: boolean;
}

/** The words, or what is wrong with the quoting. */
export type Words =
  | { readonly ok: true; readonly words: readonly Word[] }
  | { readonly ok: false; readonly expected: string; readonly found: string };

interface Piece {
  readonly text: string;
  /** Index of the first character after the piece. */
  readonly end: number;
}

const BLANK = /[ \t\r\n]/;
/** Inside double quotes a backslash is itself before any other character. */
const ESCAPABLE_IN_DOUBLE_QUOTES = '"\\$`';

/** Splits at blanks outside of quotes. */
export function splitWords(line: string): Words {
  const words: Word[] = [];
  let text: string | null = null;
  let quoted = false;
  let index = 0;
  while (index < line.length) {
    const character = line.charAt(index);
    if (BLANK.test(character)) {
      if (text !== null) words.push({ text, quoted });
      text = null;
      quoted = false;
      index += 1;
      continue;
    }
    const piece = readPiece(line, index);
    if (typeof piece === 'string') return unbalanced(piece);
    quoted ||= character === '"' || character === "'" || character === '\\';
    text = (text ?? '') + piece.text;
    index = piece.end;
  }
  if (text !== null) words.push({ text, quoted });
  return { ok: true, words };
}

/** One quoted stretch, escaped character or run of bare characters; the open quote when it never closes. */
function readPiece(line: string, start: number): Piece | string {
  const character = line.charAt(start);
  if (character === "'") return readSingleQuoted(line, start);
  if (character === '"') return readDoubleQuoted(line, start);
  if (character === '\\') {
    if (start + 1 >= line.length) return '\\';
    const escaped = line.charAt(start + 1);
    return { text: escaped === '\n' ? '' : escaped, end: start + 2 };
  }
  let end = start + 1;
  while (end < line.length && !/[ \t\r\n'"\\]/.test(line.charAt(end))) end += 1;
  return { text: line.slice(start, end), end };
}

function readSingleQuoted(line: string, start: number): Piece | string {
  const close = line.indexOf("'", start + 1);
  return close === -1 ? "'" : { text: line.slice(start + 1, close), end: close + 1 };
}

function readDoubleQuoted(line: string, start: number): Piece | string {
  let text = '';
  for (let index = start + 1; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (character === '"') return { text, end: index + 1 };
    const next = line.charAt(index + 1);
    if (character === '\\' && next !== '' && ESCAPABLE_IN_DOUBLE_QUOTES.includes(next)) {
      text += next;
      index += 1;
    } else {
      text += character;
    }
  }
  return '"';
}

function unbalanced(open: string): Words {
  if (open === '\\') {
    return { ok: false, expected: 'a character after the last backslash', found: 'the end of the command' };
  }
  const name = open === '"' ? 'double' : 'single';
  return { ok: false, expected: `balanced ${name} quotes`, found: 'one that is never closed' };
}
