/**
 * Finds the known name a person most likely meant. It only compares texts; what the names stand for is
 * the caller's business.
 */

/** Names beyond this length are not guessed at: the comparison costs the product of both lengths. */
const LENGTH_MAX = 64;

/** The nearest candidate, or null when none is near enough to be a likely slip. */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  if (name.length > LENGTH_MAX) return null;
  const wanted = name.toLowerCase();
  let nearest: string | null = null;
  let best = slipsAllowed(wanted.length) + 1;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    if (candidate.length > LENGTH_MAX || Math.abs(candidate.length - name.length) >= best) continue;
    const distance = editDistance(wanted, candidate.toLowerCase(), best);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** Short names differ by a letter without being alike; longer ones may hide two slips. */
function slipsAllowed(length: number): number {
  if (length <= 2) return 1;
  return length <= 8 ? 2 : 3;
}

/**
 * Levenshtein's distance with neighbouring letters swapped counted as one slip. Gives up with `bound` as
 * soon as the distance can't be below it.
 */
export function editDistance(left: string, right: string, bound: number): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let distance = Math.min(
        cell(previous, column) + 1,
        cell(current, column - 1) + 1,
        cell(previous, column - 1) + (same ? 0 : 1),
      );
      const swapped = row > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) distance = Math.min(distance, cell(beforePrevious, column - 2) + 1);
      current.push(distance);
    }
    if (Math.min(...current) > bound) return bound;
    beforePrevious = previous;
    previous = current;
  }
  return cell(previous, right.length);
}

function cell(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
