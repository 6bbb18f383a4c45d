/**
 * One mistake or warning as the rest of the program sees it, and how it is printed. Whatever comes from the
 * file is made harmless for a terminal here. It must not know what a jobs file means.
 */

export interface Diagnostic {
  /** As it was given, not made absolute. */
  readonly file: string;
  /** Both count from 1; the column in UTF-16 units, as editors do. */
  readonly line: number;
  readonly column: number;
  /** `jobs.api.memory.max`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly severity: 'error' | 'warning';
  /** The line of the file, values of `env` replaced by asterisks. */
  readonly sourceLine: string;
  /** Of the marked text, at least 1. */
  readonly length: number;
}

/** Of a longer source line only a window around the mark is printed. */
const WINDOW_LENGTH = 100;
const WINDOW_LEAD = 40;

/**
 * Control characters that could move the cursor, colour or reorder text: C0 but tab and newline, DEL, C1, bidi
 * marks. Line and paragraph separators are among them, some terminals break lines there.
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: matching them is the purpose.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** `jobs.json:LINE:COLUMN PATH: MESSAGE`, below it the source line and a caret; no colours. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const place = `${diagnostic.file}:${diagnostic.line}:${diagnostic.column}`;
  const path = diagnostic.path === '' ? '' : ` ${diagnostic.path}`;
  const severity = diagnostic.severity === 'warning' ? 'warning: ' : '';
  const head = makeVisible(`${place}${path}: ${severity}${diagnostic.message}`);
  if (diagnostic.sourceLine.trim() === '' || diagnostic.column > diagnostic.sourceLine.length + 1)
    return head;
  return `${head}\n${excerpt(diagnostic)}`;
}

/** Unsafe characters written as JSON would: ESC becomes `\u001b`. */
export function makeVisible(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function excerpt(diagnostic: Diagnostic): string {
  // One character for one, so that columns keep their meaning.
  const line = diagnostic.sourceLine.replace(UNSAFE, '\ufffd');
  const start = diagnostic.column - 1;
  const isLong = line.length > WINDOW_LENGTH;
  const from = isLong ? Math.max(0, start - WINDOW_LEAD) : 0;
  const to = isLong ? Math.min(line.length, from + WINDOW_LENGTH) : line.length;
  const lead = from > 0 ? '…' : '';
  const marked = line.slice(start, Math.min(start + diagnostic.length, to));
  const padding = blanksLike(lead + line.slice(from, start));
  const caret = '^'.repeat(Math.max(1, blanksLike(marked).length));
  return `  ${lead}${line.slice(from, to)}${to < line.length ? '…' : ''}\n  ${padding}${caret}`;
}

/** As many blanks as the text is wide on a terminal; tabs stay, their width is the terminal's business. */
function blanksLike(text: string): string {
  let blanks = '';
  for (const character of text) {
    if (character === '\t') blanks += '\t';
    else if (!/^[\p{Mn}\p{Cf}]$/u.test(character)) blanks += WIDE.test(character) ? '  ' : ' ';
  }
  return blanks;
}
