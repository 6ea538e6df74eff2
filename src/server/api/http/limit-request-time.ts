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
    /**
     * The body is a file of any size: it has to arrive at a minimum rate instead of within a time
     * limit.
     */
    upload?: true
  }
}

/**
 * A body has to arrive within a time limit, an upload at a minimum rate; otherwise the response is
 * RequestTimedOut. (`requestTimeout` of Node.js is the same for all requests of a server and would
 * abort long uploads.) Registered after authentication, because authenticated requests get more
 * time.
 */
export function limitRequestTime(api: FastifyInstance, clock: Pick<Clock, 'setTimeout'>): void {
  api.addHook('onRequest', async (request) => {
    if (request.raw.complete || !hasBody(request)) return
    if (request.routeOptions.config.upload) return watchRate(request)
    // Fastify decorates it with null on open routes.
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

    // Data that is buffered here waits for the server (a slow disk, say), not for the sender.
    const isSlow = () =>
      raw.readableLength === 0 &&
      raw.socket.bytesRead - seenBytes < (minUploadBytesPerSecond * uploadRateWindowMs) / 1_000

    function look(): void {
      if (!isSlow()) return watchOn()
      // Timers run before sockets are read: if this process was busy for the whole window, the
      // bytes are still in the kernel.
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

  /**
   * Like Node.js for a head that does not end: the handler of unreadable requests responds and
   * closes.
   */
  function timeOut({ raw }: FastifyRequest): void {
    // A stream of HTTP/2 ends alone; other requests share its connection.
    if (raw.httpVersionMajor === 2) return void raw.socket.destroy()
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
