/**
 * The colours in use, and the library behind them, which is loaded only when there is something to colour: most
 * runs of `status` in scripts never pay for it.
 */
import picocolors from 'picocolors';

/** The colours that renderers may ask for. */
export const COLORS = ['bold', 'dim', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'gray'] as const;

export type Color = (typeof COLORS)[number];

export type Colors = Readonly<Record<Color, (text: string) => string>>;

/** Colours as escape sequences, whatever the library thinks of this process. */
export const ESCAPES: Colors = picocolors.createColors(true);
