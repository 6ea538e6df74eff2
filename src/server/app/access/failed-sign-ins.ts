import { chandlerError } from '../../../core/error/errors.ts'
import {
  attemptsBeforeDelay,
  failedSignInsKeptMs,
  failureWindowMs,
  firstSignInDelayMs,
  maxAttemptsUnderWay,
  maxSignInDelayMs,
} from '../../../core/limits.ts'
import type { Clock } from '../../../lib/clock.ts'
import { groupOfAddress } from '../../../lib/peer/address.ts'

/** Who tries to sign in, from where. */
export interface Attempt {
  /** Remote address. */
  readonly source: string
  /** What it would be, such as `user/ann` or `access-key/AK…`; absent where a secret names nobody, as join tokens. */
  readonly subject?: string | undefined
}

/**
 * Slows down guessing. Failures are counted for an address (of IPv6: a network of 64 bits) and for a user or key, so that neither one address with many
 * names nor many addresses with one name guess freely. A request whose credentials are valid is never refused: others behind the same
 * address, or others who attack the same user, keep nobody out. So credentials are checked first, and only what failed is answered with "wait".
 * Passwords can be guessed, so they are compared after a delay once there were too many failures, few at a time.
 */
export interface FailedSignIns {
  /** After credentials were wrong: counts it, and throws AuthenticationThrottled if there were too many before. */
  refuse(attempt: Attempt): void
  /**
   * Compares a password, later if there were too many failures.
   * @param isWrong whether an error means that it was wrong
   * @throws AuthenticationThrottled, and what `compare` throws
   */
  guard<Result>(attempt: Attempt, compare: () => Promise<Result>, isWrong: (error: unknown) => boolean): Promise<Result>
}

/** Some 1 MB each. Beyond it the oldest are forgotten: whoever has that many addresses is slowed down by the delays of the user they attack. */
const maxCounted = 10_000

export function createFailedSignIns(clock: Pick<Clock, 'monotonicMs' | 'wait'>): FailedSignIns {
  const sources = createCounts(clock, failureWindowMs)
  const subjects = createCounts(clock, failedSignInsKeptMs)
  const underWay = new Map<string, number>()

  /** How long this attempt would have to wait; 0 if there were few failures. */
  function waitMs({ source, subject }: Attempt): number {
    const ofSource = sources.get(groupOfAddress(source))
    const sourceMs =
      ofSource && ofSource.failures >= attemptsBeforeDelay ? ofSource.since + failureWindowMs - clock.monotonicMs() : 0
    return Math.max(sourceMs, subject === undefined ? 0 : delayMs(subjects.get(subject)?.failures ?? 0))
  }

  /** A minute is too long for somebody who knows the password and is behind the same address. */
  const passwordDelayMs = ({ subject = '' }: Attempt) =>
    Math.max(firstSignInDelayMs, delayMs(subjects.get(subject)?.failures ?? 0))

  function note({ source, subject }: Attempt): () => void {
    const counts = [sources.add(groupOfAddress(source)), ...(subject === undefined ? [] : [subjects.add(subject)])]
    return () => {
      for (const count of counts) count.failures--
    }
  }

  /** Few wait at once, for each address and each user: a waiting request holds a connection. */
  async function delay({ source, subject }: Attempt, forMs: number): Promise<void> {
    const places: [string, number][] = [
      [`address/${groupOfAddress(source)}/${subject}`, maxAttemptsUnderWay.ofAddress],
      [`subject/${subject}`, maxAttemptsUnderWay.ofSubject],
    ]
    if (places.some(([place, max]) => (underWay.get(place) ?? 0) >= max)) throw throttled(source, forMs)
    for (const [place] of places) underWay.set(place, (underWay.get(place) ?? 0) + 1)
    try {
      await clock.wait(forMs)
    } finally {
      for (const [place] of places) {
        const left = (underWay.get(place) ?? 1) - 1
        if (left > 0) underWay.set(place, left)
        else underWay.delete(place)
      }
    }
  }

  return {
    refuse(attempt) {
      const forMs = waitMs(attempt)
      note(attempt)
      if (forMs > 0) throw throttled(attempt.source, forMs)
    },
    async guard(attempt, compare, isWrong) {
      const forMs = waitMs(attempt)
      // Counted until it is known to be right: comparing takes its time, and many at once would all begin before the first has failed.
      const takeBack = note(attempt)
      try {
        if (forMs > 0) await delay(attempt, passwordDelayMs(attempt))
        const result = await compare()
        takeBack()
        return result
      } catch (error) {
        if (!isWrong(error)) takeBack()
        else if (forMs > 0) throw throttled(attempt.source, forMs)
        throw error
      }
    },
  }
}

/** Doubles with every five failures. */
function delayMs(failures: number): number {
  const doubled = Math.floor((failures - attemptsBeforeDelay) / 5)
  return doubled < 0 ? 0 : Math.min(maxSignInDelayMs, firstSignInDelayMs * 2 ** doubled)
}

function throttled(source: string, forMs: number) {
  const seconds = Math.max(1, Math.ceil(forMs / 1_000))
  return chandlerError('AuthenticationThrottled', { source, seconds }, { retryAfterSeconds: seconds })
}

interface Count {
  failures: number
  /** Of the first of them. */
  readonly since: number
}

/** Failures of the last while, by name. */
function createCounts(clock: Pick<Clock, 'monotonicMs'>, keptMs: number) {
  const counts = new Map<string, Count>()
  const get = (name: string) => {
    const count = counts.get(name)
    if (count && count.since + keptMs > clock.monotonicMs()) return count
    counts.delete(name)
    return undefined
  }
  return {
    get,
    add(name: string): Count {
      const known = get(name)
      if (known) {
        known.failures++
        return known
      }
      const [oldest] = counts.keys()
      if (counts.size >= maxCounted && oldest !== undefined) counts.delete(oldest)
      const count = { failures: 1, since: clock.monotonicMs() }
      counts.set(name, count)
      return count
    },
  }
}
