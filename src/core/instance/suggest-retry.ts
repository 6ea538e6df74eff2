/**
 * Agents that may reconnect per second: a server accepts several times as many, besides its other
 * work.
 */
const returnsPerSecond = 500
const minRetryMs = 500
const maxRetryMs = 20_000

/** The window in which refusals are counted for `suggestRetryMs`. */
export const refusalWindowMs = 10_000

/**
 * The retry delay in ms for an agent that a busy server refuses: none if few were refused, longer
 * if their return would keep the server busy.
 * @param refused agents that were refused in the last `refusalWindowMs`
 */
export const suggestRetryMs = (refused: number): number =>
  Math.min(maxRetryMs, Math.max(minRetryMs, Math.ceil((refused / returnsPerSecond) * 1_000)))
