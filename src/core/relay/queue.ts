/**
 * A first-in, first-out queue with constant-time ends. `Array.shift` moves every element, which a full
 * mailbox cannot afford. Knows nothing of messages.
 */

export interface Queue<Item> {
  items: (Item | undefined)[];
  /** Index of the first item; what lies before it was taken. */
  head: number;
}

/** Taken places that are tolerated before the array is cut. */
const SLACK = 32;

export function createQueue<Item>(): Queue<Item> {
  return { items: [], head: 0 };
}

export function queueLength(queue: Queue<unknown>): number {
  return queue.items.length - queue.head;
}

export function pushLast<Item>(queue: Queue<Item>, item: Item): void {
  queue.items.push(item);
}

export function peekFirst<Item>(queue: Queue<Item>): Item | undefined {
  return queue.items[queue.head];
}

export function takeFirst<Item>(queue: Queue<Item>): Item | undefined {
  if (queue.head === queue.items.length) return undefined;
  const item = queue.items[queue.head];
  queue.items[queue.head] = undefined;
  queue.head += 1;
  // Cutting only when half the array is taken keeps the cost of an item constant on average.
  if (queue.head > SLACK && queue.head * 2 >= queue.items.length) {
    queue.items = queue.items.slice(queue.head);
    queue.head = 0;
  }
  return item;
}

/** Puts items before the first one, keeping their order. */
export function putFirst<Item>(queue: Queue<Item>, items: readonly Item[]): void {
  if (items.length === 0) return;
  queue.items = [...items, ...queue.items.slice(queue.head)];
  queue.head = 0;
}

/** Takes one item out of the middle; rare, so it may cost the length of the queue. */
export function removeItem<Item>(queue: Queue<Item>, item: Item): void {
  queue.items = queue.items.slice(queue.head).filter((other) => other !== item);
  queue.head = 0;
}
