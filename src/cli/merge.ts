/**
 * Several logs as one, in the order of time. It knows neither jobs nor how lines are printed.
 */
import { sleep, wallMs } from './clock.ts';

interface Timed {
  readonly at: number;
}

/** Live lines wait this long for older ones of another log. */
const REORDER_MS = 50;
/** A burst that never pauses is not held back longer than this, nor beyond so many lines. */
const REORDER_MOST_MS = 250;
const REORDER_MAX = 5000;

/** Merges logs that end: each is in order and only one line of each is held. */
export async function* mergeByTime<Item extends Timed>(
  logs: readonly AsyncIterable<Item>[],
): AsyncGenerator<Item> {
  const heads = await Promise.all(logs.map((log) => nextOf(log[Symbol.asyncIterator]())));
  const open = heads.filter((head) => head !== null);
  while (open.length > 0) {
    const first = open.reduce((best, head) => (head.item.at < best.item.at ? head : best));
    yield first.item;
    const next = await nextOf(first.iterator);
    if (next === null) open.splice(open.indexOf(first), 1);
    else open[open.indexOf(first)] = next;
  }
}

/** Prints lines of logs that go on: nearly in order, never late by more than a moment. */
export async function followByTime<Item extends Timed>(
  logs: readonly AsyncIterable<Item>[],
  print: (items: readonly Item[]) => void,
): Promise<void> {
  const buffer = reorderBuffer(print);
  const readers = logs.map(async (log) => {
    for await (const item of log) buffer.add(item);
  });
  try {
    await Promise.all(readers);
  } finally {
    buffer.flush();
  }
}

export interface ReorderBuffer<Item> {
  add(item: Item): void;
  flush(): void;
}

/** Holds lines for a moment and prints them in the order of time. */
export function reorderBuffer<Item extends Timed>(
  print: (items: readonly Item[]) => void,
): ReorderBuffer<Item> {
  let held: Item[] = [];
  let changedMs = 0;
  let waiting = false;
  const flush = () => {
    const items = held.sort((a, b) => a.at - b.at);
    held = [];
    if (items.length > 0) print(items);
  };
  const wait = async () => {
    waiting = true;
    const sinceMs = wallMs();
    do await sleep(REORDER_MS);
    while (wallMs() - changedMs < REORDER_MS && wallMs() - sinceMs < REORDER_MOST_MS);
    waiting = false;
    flush();
  };
  return {
    add: (item) => {
      held.push(item);
      changedMs = wallMs();
      if (held.length >= REORDER_MAX) flush();
      if (!waiting) void wait();
    },
    flush,
  };
}

async function nextOf<Item>(
  iterator: AsyncIterator<Item>,
): Promise<{ item: Item; iterator: AsyncIterator<Item> } | null> {
  const next = await iterator.next();
  return next.done === true ? null : { item: next.value, iterator };
}
