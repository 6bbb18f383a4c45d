/**
 * The token kinds of jsonc-parser's scanner. The package declares them as a const enum, which no compiler
 * that works file by file can read; a test compares these numbers with what the scanner returns.
 */
export const TOKEN = {
  openBrace: 1,
  closeBrace: 2,
  openBracket: 3,
  closeBracket: 4,
  comma: 5,
  colon: 6,
  string: 10,
  lineComment: 12,
  blockComment: 13,
  lineBreak: 14,
  blank: 15,
  unknown: 16,
  end: 17,
} as const;
