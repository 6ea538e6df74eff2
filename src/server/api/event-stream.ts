import type { FastifyReply, FastifyRequest } from 'fastify'

/** Server-sent events (the WHATWG's): text lines on a response that stays open. */
export interface EventStream {
  /** Resolves when the peer has room for more: a slow reader slows its own stream, not the server. */
  send(name: string, data: unknown, id?: string): Promise<void>
  /** Aborts when the peer is gone, the session or access key that asked has ended, or the server stops. */
  readonly signal: AbortSignal
  end(): void
}

/** A comment this often tells both ends, and proxies between, that the stream is alive. */
const aliveEveryMs = 15_000

export function openEventStream(request: FastifyRequest, reply: FastifyReply, stopping: AbortSignal): EventStream {
  reply.hijack()
  const response = reply.raw
  const gone = new AbortController()
  const access = request.watchAccess()
  const leave = () => {
    access.done()
    gone.abort()
  }
  response.on('close', leave)
  // Whoever left before this said so before anybody listened.
  if (response.destroyed) leave()
  const signal = AbortSignal.any([gone.signal, access.signal, stopping])
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': request.id,
  })
  response.write(': open\n\n')
  const alive = setInterval(() => response.write(': alive\n\n'), aliveEveryMs)
  signal.addEventListener('abort', () => clearInterval(alive), { once: true })
  return {
    signal,
    async send(name, data, id) {
      if (signal.aborted) return
      // JSON has no raw line breaks: one data line is enough.
      const room = response.write(
        `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`,
      )
      if (room) return
      await new Promise<void>((resolve) => {
        const goOn = () => {
          response.off('drain', goOn)
          signal.removeEventListener('abort', goOn)
          resolve()
        }
        response.once('drain', goOn)
        signal.addEventListener('abort', goOn)
      })
    },
    end() {
      clearInterval(alive)
      response.end()
    },
  }
}
