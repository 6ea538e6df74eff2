import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import WebSocket, { WebSocketServer } from 'ws'
import type { InvocationMessage } from '../../../src/protocol/agent-messages.ts'
import { agentPaths } from '../../../src/protocol/agent-protocol.ts'

/** Between agents and a server: what it makes of each invocation that the server sends. */
export interface RewritingProxy {
  readonly url: string
  /** Changes an invocation in place; the same object for the next ones, until it is replaced. */
  rewrite: (invocation: InvocationMessage) => void
  close(): Promise<void>
}

/** An attacker on the path, or a server of the attacker's own: agents connect to it as to the server. */
export async function startRewritingProxy(target: string): Promise<RewritingProxy> {
  const http = createServer((incoming, outgoing) => {
    const { method, headers, url = '/' } = incoming
    const onward = request(new URL(url, target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.once('error', () => outgoing.destroy())
    incoming.pipe(onward)
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const server = new WebSocketServer({ server: http })
  const proxy: RewritingProxy = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    rewrite: () => {},
    async close() {
      for (const client of server.clients) client.terminate()
      server.close()
      http.close()
      http.closeAllConnections()
      await once(http, 'close')
    },
  }

  server.on('connection', (near) => {
    near.pause()
    const far = new WebSocket(target.replace(/^http/, 'ws') + agentPaths.connect, { perMessageDeflate: false })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('message', (data) => {
        const text = (data as Buffer).toString('utf8')
        to.send(from === far ? rewriteMessage(text, proxy) : text)
      })
      from.on('close', () => to.terminate())
      from.on('error', () => to.terminate())
    }
    far.once('open', () => near.resume())
  })
  return proxy
}

function rewriteMessage(text: string, proxy: RewritingProxy): string {
  const message = JSON.parse(text) as { type: string; invocations?: InvocationMessage[] }
  for (const invocation of message.invocations ?? []) proxy.rewrite(invocation)
  return JSON.stringify(message)
}
