/** Agents that may come back in a second: a server takes in several times as many, beside its other work. */
const returnsPerSecond = 500
const minRetryMs = 500
const maxRetryMs = 20_000

/** The seconds in which refusals are counted for `suggestRetryMs`. */
export const refusalWindowMs = 10_000

/**
 * When an agent that a busy server refuses is to try again, in ms: at once if few were refused, later if so many were that their return
 * would keep the server busy.
 * @param refused agents that were refused in the last `refusalWindowMs`
 */
export const suggestRetryMs = (refused: number): number =>
  Math.min(maxRetryMs, Math.max(minRetryMs, Math.ceil((refused / returnsPerSecond) * 1_000)))
