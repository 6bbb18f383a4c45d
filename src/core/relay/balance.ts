/**
 * Which of several equal jobs gets a message. One small function of the same shape as a scheduling policy:
 * it sees candidates with their load and picks one, so that other policies can take its place. It knows
 * nothing of mailboxes or channels.
 */

export interface Candidate {
  /** Messages accepted and not yet delivered. */
  readonly outstanding: number;
}

/** The candidate with the least to do; of equals the first. Undefined when there is none. */
export function leastOutstanding<Choice extends Candidate>(
  candidates: readonly Choice[],
): Choice | undefined {
  let best: Choice | undefined;
  for (const candidate of candidates) {
    if (best === undefined || candidate.outstanding < best.outstanding) best = candidate;
  }
  return best;
}
