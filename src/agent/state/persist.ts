import type { Engine } from '../invocation/engine.ts'

/**
 * Delay and number of attempts: a minute outlasts a shortage of descriptors, and is an acceptable
 * delay for an end.
 */
const pauseMs = 1_000
const attempts = 60

/**
 * A temporary error of the system (too many open files, a disk error) must not decide about a
 * script that has started.
 */
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
      if (attempt === 1) log.warn(`${what} cannot be read; retrying`, { invocationId, error: String(error) })
      if (attempt === attempts) throw error
      await clock.wait(pauseMs, closing)
    }
  }
}
