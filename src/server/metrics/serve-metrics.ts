import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import type { Metrics } from './metrics.ts'

/** A collector sends one short request; nothing else may hold a connection. */
const requestTimeoutMs = 10_000
const maxConnections = 32

/**
 * Serves `GET /metrics` over plain HTTP without authentication, on an address that only the
 * collector reaches. Returns the function that closes it.
 * @throws OperatorError if the address cannot be used
 */
export async function serveMetrics(
  metrics: Pick<Metrics, 'render' | 'contentType'>,
  { host, port }: { readonly host: string; readonly port: number },
  log: Logger,
): Promise<() => Promise<void>> {
  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs, maxHeaderSize: 8 * 1024 },
    (request, response) => {
      const path = request.url?.split('?', 1)[0]
      if (path !== '/metrics') return void response.writeHead(404, { connection: 'close' }).end('see /metrics\n')
      if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET', connection: 'close' }).end()
      metrics.render().then(
        (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
        (error: unknown) => {
          log.error('the metrics could not be rendered', { error })
          response.writeHead(500).end()
        },
      )
    },
  )
  server.maxConnections = maxConnections
  const shownHost = host.includes(':') ? `[${host}]` : host
  server.listen({ host, port })
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new OperatorError(
      `The metrics cannot be served on ${shownHost}:${port} (${(error as Error).message}). Choose another address with --metrics-listen HOST:PORT.`,
      { cause: error },
    )
  }
  const bound = server.address() as AddressInfo
  const url = `http://${shownHost}:${bound.port}/metrics`
  log.info('metrics are served without authentication', { url })
  if (!isLoopback(bound.address))
    log.warn('everyone who reaches this address can read the metrics: restrict it with a firewall', { url })
  return async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
}

const isLoopback = (address: string) => address === '::1' || /^(::ffff:)?127\./.test(address)
