/** Instants that may not exist: null stands for never. */

/** The earlier of two instants. */
export function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** The earliest of many. */
export function earliestOf(instants: Iterable<number | null>): number | null {
  let earliest: number | null = null;
  for (const instant of instants) earliest = earlier(earliest, instant);
  return earliest;
}
