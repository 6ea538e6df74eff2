import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../../../../lib/clock.ts'
import type { Logger } from '../../../../lib/logger.ts'
import type { Authenticator } from '../../../app/access/authenticate.ts'
import type { Sessions } from '../../../app/access/sessions.ts'
import { parseAuthorization } from '../../http/credentials/parse-authorization.ts'
import { findSessionToken } from '../../http/credentials/session-token.ts'
import type { SessionCookie } from '../../http/session-cookie.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * For responses that stay open: aborts when the session or access key of the request ends. Call
     * `done` when the response has ended.
     */
    watchAccess(): { readonly signal: AbortSignal; done(): void }
  }
}

/** Ends streams whose session or access key has ended. */
export interface StreamAccess {
  /** Checks immediately, because a session or key was ended on this server. */
  recheck(): void
}

/**
 * Sessions and keys are cached for 5 s, so a revocation on another server ends streams here within
 * 10 s.
 */
const checkEveryMs = 5_000

interface Watched {
  readonly isValid: () => Promise<boolean>
  readonly streams: Set<AbortController>
}

/**
 * One check per session or key in that time, however many streams it has open; no timer while there
 * is none.
 */
export function registerStreamAccess(
  api: FastifyInstance,
  { authenticator, sessions, cookie, clock, log }: StreamAccessParts,
): StreamAccess {
  const watched = new Map<string, Watched>()
  let timer: { cancel(): void } | undefined

  async function check(): Promise<void> {
    timer?.cancel()
    timer = undefined
    await Promise.all([...watched].map(([name, one]) => checkOne(name, one)))
    if (watched.size > 0) timer ??= clock.setTimeout(() => void check(), checkEveryMs, { unref: true })
  }

  async function checkOne(name: string, { isValid, streams }: Watched): Promise<void> {
    try {
      if (await isValid()) return
      watched.delete(name)
      for (const stream of streams) stream.abort()
    } catch (error) {
      // A failed check does not end streams: a short outage of the database would end every one.
      log.warn('access of event streams could not be checked; the next check decides', { error })
    }
  }

  function find(request: FastifyRequest): Omit<Watched, 'streams'> & { readonly name: string } {
    const token = findSessionToken(cookie, request) ?? ''
    const key = token === '' ? parseAuthorization(request.headers.authorization) : undefined
    if (key) return { name: `key ${key.id}`, isValid: () => authenticator.isUsable(key.id) }
    return { name: `session ${token}`, isValid: () => sessions.isOpen(token) }
  }

  api.decorateRequest('watchAccess', function (this: FastifyRequest) {
    const { name, isValid } = find(this)
    const one = watched.get(name) ?? { isValid, streams: new Set() }
    watched.set(name, one)
    const stream = new AbortController()
    one.streams.add(stream)
    timer ??= clock.setTimeout(() => void check(), checkEveryMs, { unref: true })
    return {
      signal: stream.signal,
      done() {
        one.streams.delete(stream)
        if (one.streams.size === 0 && watched.get(name) === one) watched.delete(name)
      },
    }
  })
  api.addHook('onClose', async () => timer?.cancel())
  return { recheck: () => void check() }
}

interface StreamAccessParts {
  readonly authenticator: Pick<Authenticator, 'isUsable'>
  readonly sessions: Pick<Sessions, 'isOpen'>
  readonly cookie: Pick<SessionCookie, 'read'>
  readonly clock: Clock
  readonly log: Logger
}
