import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import {
  type CreatedAuthority,
  createAuthority,
  issueServerCertificate,
} from '../../../src/server/tls/sign-certificate.ts'

/** A TLS server with a CA of its own that a test rotates as it wants. */
export interface TlsServer {
  readonly port: number
  readonly url: string
  /** Paths that were requested. */
  readonly asked: string[]
  present(
    authority: CreatedAuthority,
    options?: { names?: string[]; issuedAt?: number; crosses?: string[] },
  ): Promise<void>
  /** What `/ca.der` and `/agent/v1/ca` answer. */
  publish(trusted: readonly CreatedAuthority[], crossCertificates?: readonly string[]): void
  close(): void
}

export const digestOf = ({ certificate }: { readonly certificate: string }) =>
  new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase()

export async function startTlsServer(): Promise<TlsServer> {
  let published = { trusted: [] as string[], crossCertificates: [] as string[] }
  const asked: string[] = []
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (request.url === '/ca.der') response.end(new X509Certificate(published.trusted[0] as string).raw)
    else if (request.url === '/agent/v1/ca') response.end(JSON.stringify(published))
    else response.end('ok')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `https://localhost:${port}`,
    asked,
    async present(authority, { names = ['localhost', 'chandler.test'], issuedAt = Date.now(), crosses = [] } = {}) {
      const { certificate, privateKey } = await issueServerCertificate(authority, names, issuedAt)
      server.setSecureContext({ key: privateKey, cert: [certificate, ...crosses].join('\n') })
    },
    publish(trusted, crossCertificates = []) {
      published = { trusted: trusted.map(({ certificate }) => certificate), crossCertificates: [...crossCertificates] }
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** A forward proxy: CONNECT to any name leads to 127.0.0.1. */
export interface ForwardProxy {
  readonly url: string
  /** The target of each CONNECT, with the credentials of the client. */
  readonly connected: string[]
  close(): void
}

export async function startForwardProxy(): Promise<ForwardProxy> {
  const connected: string[] = []
  const sockets = new Set<Socket>()
  const proxy = createHttpServer((_request, response) => void response.writeHead(405).end())
  proxy.on('connection', (socket) => sockets.add(socket))
  proxy.on('connect', (request, client: Socket) => {
    connected.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
    const upstream = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('error', () => other.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    url: `http://user:secret@127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    connected,
    close() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
    },
  }
}

/** A port that speaks no TLS. */
export async function startPlainPort(): Promise<{ readonly port: number; close(): void }> {
  const server = createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() }
}

export { createAuthority }
