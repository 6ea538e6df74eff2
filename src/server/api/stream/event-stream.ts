import type { FastifyReply, FastifyRequest } from 'fastify'
import { ChandlerError } from '../../../core/error/errors.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { Actor } from '../../app/context.ts'

/** Server-sent events (WHATWG): text lines on a response that stays open. */
export interface EventStream {
  /** Resolves when the peer can accept more: a slow reader slows its own stream, not the server. */
  send(name: string, data: unknown, id?: string): Promise<void>
  /**
   * Aborts when the peer has disconnected, its session, access key or permission has ended, the
   * stream has ended, or the server stops.
   */
  readonly signal: AbortSignal
  end(): void
}

/**
 * Interval of the comments that keep proxies and both ends from timing out. The actor's permissions
 * are checked again at the same interval, because a policy may have changed.
 */
const keepAliveEveryMs = 15_000

/** Opens an event stream as the response of a request. */
export function openEventStream(
  request: FastifyRequest,
  reply: FastifyReply,
  { clock, stopping }: { readonly clock: Pick<Clock, 'setTimeout'>; readonly stopping: AbortSignal },
  /** Rejects if the actor has lost its access. */
  check: (actor: Actor) => Promise<void>,
): EventStream {
  reply.hijack()
  reply.request.isStream = true
  const response = reply.raw
  const gone = new AbortController()
  const access = request.watchAccess()
  const leave = () => {
    access.done()
    gone.abort()
  }
  response.on('close', leave)
  // A peer that disconnected earlier emitted its event before this listener existed.
  if (response.destroyed) leave()
  const signal = AbortSignal.any([gone.signal, access.signal, stopping])
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': request.id,
  })
  response.write(': open\n\n')

  let keepAlive = clock.setTimeout(() => void sendKeepAlive(), keepAliveEveryMs)
  signal.addEventListener('abort', () => keepAlive.cancel(), { once: true })
  if (signal.aborted) keepAlive.cancel()
  async function sendKeepAlive(): Promise<void> {
    try {
      await check(await request.authenticateAgain())
    } catch (error) {
      // An unavailable database does not revoke access.
      if (error instanceof ChandlerError && (error.status === 401 || error.status === 403)) return gone.abort()
    }
    if (signal.aborted || response.writableEnded) return
    response.write(': alive\n\n')
    keepAlive = clock.setTimeout(() => void sendKeepAlive(), keepAliveEveryMs)
  }

  /** One wait for all senders that share the stream. */
  let room: Promise<void> | undefined
  const waitForRoom = () =>
    new Promise<void>((resolve) => {
      const finish = () => {
        response.off('drain', finish)
        signal.removeEventListener('abort', finish)
        room = undefined
        resolve()
      }
      response.once('drain', finish)
      signal.addEventListener('abort', finish)
    })

  return {
    signal,
    async send(name, data, id) {
      // All senders resume when there is space; the first of them may fill it again.
      while (room && !signal.aborted) await room
      if (signal.aborted) return
      // JSON has no raw line breaks: one data line suffices.
      const hasRoom = response.write(
        `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`,
      )
      if (hasRoom) return
      room ??= waitForRoom()
      await room
    },
    end() {
      gone.abort()
      response.end()
    },
  }
}
