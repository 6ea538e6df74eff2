/** The longest delay before the first retry. */
const baseMs = 1_000
/** The maximum delay: an instance gets its work at most this much later than possible. */
export const maxHandOutDelayMs = 60_000

/**
 * Milliseconds until an invocation that could not be prepared (the object store does not answer, a
 * secret cannot be read) is prepared again: between half and all of a time that doubles with each
 * failure, from one second to a minute.
 * @param failures attempts that failed since it was last handed out; at least 1
 * @param chance from 0 to 1: jitter for a fleet that failed together
 */
export function handOutDelayMs(failures: number, chance: number): number {
  const longestMs = Math.min(maxHandOutDelayMs, baseMs * 2 ** (failures - 1))
  return Math.round(longestMs * (1 - chance / 2))
}
