/** The longest delay before the first retry. */
const baseMs = 1_000
/** No delay is longer: so late does an instance get its work after what was missing is back. */
export const maxHandOutDelayMs = 60_000

/**
 * Milliseconds until an invocation that could not be prepared (the object store does not answer, a secret cannot be read) is prepared again:
 * from half of up to the whole of a time that doubles with each failure, from one second up to a minute.
 * @param failures how many attempts have failed since it was last handed out; at least 1
 * @param chance from 0 up to 1: spreads the retries of a fleet that failed together
 */
export function handOutDelayMs(failures: number, chance: number): number {
  const longestMs = Math.min(maxHandOutDelayMs, baseMs * 2 ** (failures - 1))
  return Math.round(longestMs * (1 - chance / 2))
}
