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
import type { CredentialKind } from '../context.ts'

/** An attempt to authenticate. */
export interface Attempt {
  /** Remote address. */
  readonly source: string
  /**
   * The claimed identity, such as `user/ann` or `access-key/AK…`; absent for secrets without one,
   * such as join tokens.
   */
  readonly subject?: string | undefined
}

/**
 * Rate-limits guessing. Failures are counted per address (for IPv6: per /64 network) and per user
 * or key, so that neither one address with many names nor many addresses with one name can guess
 * without limit. A request with valid credentials is never refused, so that an attacker behind the
 * same address or against the same user locks nobody out. Credentials are therefore checked first,
 * and only failed attempts are throttled. Passwords can be guessed, so after too many failures they
 * are compared with a delay, a few at a time.
 */
export interface FailedSignIns {
  /**
   * Call after wrong credentials: counts the failure, and throws AuthenticationThrottled if there
   * were too many before.
   */
  refuse(attempt: Attempt): void
  /**
   * Compares a password, with a delay after too many failures.
   * @param isWrong whether an error means that the password was wrong
   * @throws AuthenticationThrottled, and errors of `compare`
   */
  guard<Result>(attempt: Attempt, compare: () => Promise<Result>, isWrong: (error: unknown) => boolean): Promise<Result>
}

/**
 * Some 1 MB each. Beyond it the oldest are dropped: an attacker with that many addresses is slowed
 * down by the delays of the attacked user.
 */
const maxCounted = 10_000

export function createFailedSignIns(
  clock: Pick<Clock, 'monotonicMs' | 'wait'>,
  onFailure: (kind: CredentialKind) => void = () => {},
): FailedSignIns {
  const sources = createCounts(clock, failureWindowMs)
  const subjects = createCounts(clock, failedSignInsKeptMs)
  const underWay = new Map<string, number>()

  /** The wait for this attempt in ms; 0 after few failures. */
  function waitMs({ source, subject }: Attempt): number {
    const ofSource = sources.get(groupOfAddress(source))
    const sourceMs =
      ofSource && ofSource.failures >= attemptsBeforeDelay ? ofSource.since + failureWindowMs - clock.monotonicMs() : 0
    return Math.max(sourceMs, subject === undefined ? 0 : delayMs(subjects.get(subject)?.failures ?? 0))
  }

  /**
   * A full minute would be too long for a user who knows the password and shares the address with
   * an attacker.
   */
  const passwordDelayMs = ({ subject = '' }: Attempt) =>
    Math.max(firstSignInDelayMs, delayMs(subjects.get(subject)?.failures ?? 0))

  function note({ source, subject }: Attempt): () => void {
    const counts = [sources.add(groupOfAddress(source)), ...(subject === undefined ? [] : [subjects.add(subject)])]
    return () => {
      for (const count of counts) count.failures--
    }
  }

  /**
   * Few attempts wait at once, per address and per user, because a waiting request holds a
   * connection.
   */
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
      onFailure(kindOf(attempt))
      if (forMs > 0) throw throttled(attempt.source, forMs)
    },
    async guard(attempt, compare, isWrong) {
      const forMs = waitMs(attempt)
      // Counted until it is known to be right: otherwise many parallel attempts would start before
      // the first has failed.
      const takeBack = note(attempt)
      try {
        if (forMs > 0) await delay(attempt, passwordDelayMs(attempt))
        const result = await compare()
        takeBack()
        return result
      } catch (error) {
        if (!isWrong(error)) takeBack()
        else {
          onFailure(kindOf(attempt))
          if (forMs > 0) throw throttled(attempt.source, forMs)
        }
        throw error
      }
    },
  }
}

function kindOf({ subject = '' }: Attempt): CredentialKind {
  if (subject.startsWith('user/')) return 'password'
  return subject.startsWith('access-key/') ? 'access_key' : 'token'
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
  /** The time of the first of them. */
  readonly since: number
}

/** Recent failures by name. */
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
