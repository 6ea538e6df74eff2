import type { FastifyInstance, FastifyRequest } from 'fastify'
import {
  minUploadBytesPerSecond,
  requestTimeoutMs,
  unprovenRequestTimeoutMs,
  uploadRateWindowMs,
} from '../../../core/limits.ts'
import type { Clock } from '../../../lib/clock.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body is a file of any size: it has to come at a minimum rate instead of within a time. */
    upload?: true
  }
}

/**
 * A body has to arrive within a time, an upload at a minimum rate; otherwise the answer is RequestTimedOut. (`requestTimeout` of Node.js is one for all
 * requests of a server and would cut long uploads.) For after authentication, for those who show who they are are given more time.
 */
export function limitRequestTime(api: FastifyInstance, clock: Pick<Clock, 'setTimeout'>): void {
  api.addHook('onRequest', async (request) => {
    if (request.raw.complete || !hasBody(request)) return
    if (request.routeOptions.config.upload) return watchRate(request)
    // Decorated with null where nobody has to say who they are.
    const limitMs = (request.actor as object | null) ? requestTimeoutMs : unprovenRequestTimeoutMs
    const timer = clock.setTimeout(() => timeOut(request), limitMs, { unref: true })
    whenRead(request, () => timer.cancel())
  })

  function watchRate(request: FastifyRequest): void {
    const { raw } = request
    let seenBytes = raw.socket.bytesRead
    let timer = clock.setTimeout(look, uploadRateWindowMs, { unref: true })
    let isOver = false
    whenRead(request, () => {
      isOver = true
      timer.cancel()
    })

    // What waits here waits for us: a slow disk is not the sender's doing.
    const isSlow = () =>
      raw.readableLength === 0 &&
      raw.socket.bytesRead - seenBytes < (minUploadBytesPerSecond * uploadRateWindowMs) / 1_000

    function look(): void {
      if (!isSlow()) return watchOn()
      // Timers come before sockets are read: if this process was busy for the whole window, the bytes wait in the kernel.
      setImmediate(() => {
        if (isOver) return
        if (isSlow()) timeOut(request)
        else watchOn()
      })
    }

    function watchOn(): void {
      seenBytes = raw.socket.bytesRead
      timer = clock.setTimeout(look, uploadRateWindowMs, { unref: true })
    }
  }

  /** As Node.js does for a head that does not end: the handler of unreadable requests answers, and closes. */
  function timeOut({ raw }: FastifyRequest): void {
    const error = Object.assign(new Error('the body did not arrive in time'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
    api.server.emit('clientError', error, raw.socket)
  }
}

const hasBody = ({ headers }: FastifyRequest) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

function whenRead({ raw }: FastifyRequest, then: () => void): void {
  raw.once('end', then)
  raw.once('close', then)
}
