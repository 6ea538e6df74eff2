import type { Engine } from '../invocation/engine.ts'

/** Between two attempts, and how many there are: a minute is longer than descriptors stay short, and shorter than anybody waits for an end. */
const pauseMs = 1_000
const attempts = 60

/** What the system refuses for a moment (too many open files, an error of a disk) does not decide about a script that has begun. */
export async function persist<Result>(
  { clock, closing, log }: Engine,
  invocationId: string,
  what: string,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      closing.throwIfAborted()
      if (attempt === 1) log.warn(`${what} cannot be looked at; trying again`, { invocationId, error: String(error) })
      if (attempt === attempts) throw error
      await clock.wait(pauseMs, closing)
    }
  }
}
