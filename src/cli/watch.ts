/**
 * `status --watch`: the table again and again. On a terminal it has a screen of its own and leaves the last
 * table behind; elsewhere one table follows the other.
 */
import type { Status } from '../wire/api.ts';
import { sleep } from './clock.ts';
import { type Context, widthOf } from './context.ts';
import type { EndSignal } from './io.ts';
import { renderStatus } from './render/status.ts';
import { signalExitCode } from './signals.ts';

const REDRAW_MS = 500;

const ENTER_SCREEN = '\u001b[?1049h\u001b[?25l';
const LEAVE_SCREEN = '\u001b[?25h\u001b[?1049l';

/** Shows what `read` gives until a signal, a lost reader or an error. */
export async function watchStatus(context: Context, read: () => Promise<Status>): Promise<number> {
  const { io } = context;
  const end = new AbortController();
  let signalled: EndSignal | null = null;
  const unsubscribe = io.onSignal((signal) => {
    signalled ??= signal;
    end.abort();
  });
  io.readerGone.addEventListener('abort', () => end.abort(), { once: true });
  const hasScreen = io.stdout.isTerminal && !context.json;
  if (hasScreen) io.stdout.write(ENTER_SCREEN);
  let last = '';
  try {
    while (!end.signal.aborted) {
      last = textOf(context, await read());
      if (!end.signal.aborted) io.stdout.write(hasScreen ? frame(last, io.stdout.rows) : `${last}\n`);
      await sleep(REDRAW_MS, end.signal);
    }
  } finally {
    unsubscribe();
    if (hasScreen) io.stdout.write(`${LEAVE_SCREEN}${last}`);
  }
  return signalExitCode(signalled);
}

function textOf(context: Context, status: Status): string {
  if (context.json) return JSON.stringify(status);
  return `${renderStatus(status, widthOf(context.io), context.colors)}\n`;
}

/** Each line overwrites the old one, so that nothing flickers; what does not fit is said. */
function frame(text: string, rows: number | null): string {
  const all = text.trimEnd().split('\n');
  const shown =
    rows === null || all.length < rows ? all : [...all.slice(0, rows - 2), `… ${all.length - rows + 2} more`];
  return `\u001b[H${shown.map((line) => `${line}\u001b[K`).join('\n')}\u001b[J`;
}
