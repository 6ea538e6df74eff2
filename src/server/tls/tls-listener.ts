import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import type { ServerIdentity } from './server-identity.ts'

export interface TlsListenerOptions {
  readonly maxHeaderSize: number
  readonly headersTimeoutMs: number
  /** An HTTP/2 connection without requests or data is closed after this time. */
  readonly idleTimeoutMs: number
}

/** Streams at once on one HTTP/2 connection; a page of the console needs fewer than ten. */
const maxConcurrentStreams = 100

/**
 * A TLS server that speaks HTTP/2 and HTTP/1.1 (WebSockets, agents, clients without ALPN). Renewed
 * certificates apply to new connections. It has the events and methods of an HTTP/1.1 server that
 * the API uses.
 */
export function createTlsListener(
  identity: ServerIdentity,
  handler: RequestListener,
  options: TlsListenerOptions,
): Server {
  const { maxHeaderSize, headersTimeoutMs, idleTimeoutMs } = options
  const server = createSecureServer(
    {
      ...identity.current,
      minVersion: 'TLSv1.2',
      handshakeTimeout: headersTimeoutMs,
      allowHTTP1: true,
      settings: { maxConcurrentStreams, maxHeaderListSize: maxHeaderSize },
      ...({ maxHeaderSize, connectionsCheckingInterval: headersTimeoutMs / 2 } as object),
    },
    (request: Http2ServerRequest, response: Http2ServerResponse) => {
      // HTTP/2 has `:authority` in place of `Host`.
      if (request.httpVersionMajor === 2) request.headers.host ??= request.headers[':authority']
      handler(request as unknown as IncomingMessage, response as unknown as ServerResponse & { req: IncomingMessage })
    },
  )
  server.on('session', (session) => session.setTimeout(idleTimeoutMs, () => session.close()))
  identity.onChange((credentials) => server.setSecureContext({ ...credentials, minVersion: 'TLSv1.2' }))
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return Object.assign(server as unknown as Server, {
    headersTimeout: headersTimeoutMs,
    requestTimeout: 0,
    closeAllConnections() {
      for (const socket of sockets) socket.destroy()
    },
  })
}
