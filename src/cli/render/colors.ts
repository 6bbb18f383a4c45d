/**
 * Whether to colour, and with what. The library is loaded only when there is something to colour: most runs of
 * `status` in scripts never pay for it.
 */
import type { Colors as PicoColors } from 'picocolors/types.js';

const USED = ['bold', 'dim', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'gray'] as const;

export type Color = (typeof USED)[number];

export type Colors = Readonly<Record<Color, (text: string) => string>>;

/** Colours that leave text as it is. */
export const PLAIN: Colors = Object.freeze(
  Object.fromEntries(USED.map((color) => [color, (text: string) => text])) as Record<
    Color,
    (text: string) => string
  >,
);

/** `NO_COLOR` and `--no-color` outrank `FORCE_COLOR`, which outranks what stdout is. */
export function wantsColor(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
  allowed: boolean,
): boolean {
  if (!allowed || env.NO_COLOR) return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return isTerminal && env.TERM !== 'dumb';
}

/** The colours to print with. */
export async function loadColors(enabled: boolean): Promise<Colors> {
  if (!enabled) return PLAIN;
  const { default: picocolors } = await import('picocolors');
  return picocolors.createColors(true) satisfies PicoColors;
}
