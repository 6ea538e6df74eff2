import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from '../../../lib/logger.ts'
import { OperatorError } from '../../../lib/operator-error.ts'

/** The CA and browsers send one short request each. */
const requestTimeoutMs = 10_000
const maxConnections = 256
const challengePath = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]{1,128})$/

export interface ChallengeServerOptions {
  readonly listen: { readonly host: string; readonly port: number }
  /** Browsers that use HTTP are sent here. */
  readonly redirectTo: string
  /** The answer to a challenge; undefined if there is none. */
  find(token: string): Promise<string | undefined>
  readonly log: Logger
}

/**
 * Answers the challenges of the CA over HTTP, and redirects everything else to HTTPS.
 * @throws OperatorError if the address cannot be used
 */
export async function serveChallenges({
  listen: { host, port },
  redirectTo,
  find,
  log,
}: ChallengeServerOptions): Promise<{ readonly port: number; close(): Promise<void> }> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, token] = challengePath.exec(request.url ?? '') ?? []
    if (token === undefined) return void response.writeHead(308, { location: redirectTo, connection: 'close' }).end()
    const text = await find(token)
    if (text === undefined) return void response.writeHead(404, { connection: 'close' }).end()
    response.writeHead(200, { 'content-type': 'application/octet-stream', connection: 'close' }).end(text)
  }
  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs, maxHeaderSize: 8 * 1024 },
    (request, response) => {
      answer(request, response).catch((error: unknown) => {
        log.error('a challenge of the CA could not be answered', { error })
        response.writeHead(503, { connection: 'close' }).end()
      })
    },
  )
  server.maxConnections = maxConnections
  server.listen({ host, port })
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new OperatorError(
      `The challenges of the CA cannot be answered on ${host}:${port} (${(error as Error).message}). The CA connects to port 80 of the host name: choose the address that port 80 leads to with acmeListen (CHANDLER_ACME_LISTEN).`,
      { cause: error },
    )
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
