/**
 * Makes text that a job or a file has supplied harmless for a terminal: what could move the cursor, colour,
 * retitle or reorder is written out. `kubectl` had CVE-2021-25743 for leaving this out.
 */

/** C0 but tab and newline, DEL, C1, bidirectional marks and overrides, line and paragraph separators. */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: matching them is the purpose.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text of several lines: ESC becomes the four characters `\x1b`; newlines and tabs stay. */
export function visible(text: string): string {
  return text.replace(UNSAFE, written);
}

/** Text that has to stay on its line, so that nobody can forge a second one. */
export function visibleOnOneLine(text: string): string {
  return visible(text).replace(/[\n\t]/g, (character) => (character === '\n' ? '\\n' : '\\t'));
}

function written(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`;
}
