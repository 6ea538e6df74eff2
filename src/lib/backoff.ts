export interface Backoff {
  /** The longest delay before the first retry. */
  baseMs: number
  /** Delays never exceed it. */
  maxMs: number
  /** The part of the delay that chance decides, 0 to 1. 1 (the default) spreads a storm of clients best. */
  jitter?: number
}

/**
 * The delay before retry number `attempt` (from 0): doubling up to `maxMs`, of which `jitter` is drawn at random.
 * @param random gives a number from 0 up to 1, as Math.random does
 */
export function backoffDelayMs({ baseMs, maxMs, jitter = 1 }: Backoff, attempt: number, random: () => number): number {
  const longestMs = Math.min(maxMs, baseMs * 2 ** attempt)
  return Math.round(longestMs * (1 - jitter * random()))
}
