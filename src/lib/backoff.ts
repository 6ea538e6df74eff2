export interface Backoff {
  /** Maximum delay before the first retry. */
  baseMs: number
  /** Upper bound of every delay. */
  maxMs: number
  /**
   * Share of the delay that is random, 0 to 1. The default of 1 spreads simultaneous clients best.
   */
  jitter?: number
}

/**
 * Delay before retry number `attempt` (from 0): exponential up to `maxMs`, with a share of `jitter`
 * drawn at random.
 * @param random returns a number in [0, 1), like Math.random
 */
export function backoffDelayMs({ baseMs, maxMs, jitter = 1 }: Backoff, attempt: number, random: () => number): number {
  const longestMs = Math.min(maxMs, baseMs * 2 ** attempt)
  return Math.round(longestMs * (1 - jitter * random()))
}
