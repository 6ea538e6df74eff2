import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import WebSocket, { WebSocketServer } from 'ws'
import { agentPaths } from '../../../src/protocol/agent-protocol.ts'

/** Between agents and a gateway: forwards messages, and drops those that a test names. */
export interface MessageRelay {
  readonly url: string
  /**
   * From now on no message of this type arrives, in either direction. Resolves when the first is
   * dropped, and closes the connection then.
   */
  lose(type: string): Promise<void>
  /** Resolves when the next message of this type has passed. */
  next(type: string): Promise<void>
  close(): Promise<void>
}

export async function createMessageRelay(target: string): Promise<MessageRelay> {
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const server = new WebSocketServer({ server: http })
  const lost = new Map<string, () => void>()
  const passed = new Map<string, () => void>()

  function pass(from: WebSocket, to: WebSocket): void {
    from.on('message', (data) => {
      const text = (data as Buffer).toString('utf8')
      const { type } = JSON.parse(text) as { type: string }
      const loses = lost.get(type)
      if (loses) {
        lost.delete(type)
        // Later messages of this connection must not overtake it.
        from.removeAllListeners('message')
        return loses()
      }
      to.send(text)
      passed.get(type)?.()
    })
    from.on('close', () => to.terminate())
    from.on('error', () => to.terminate())
  }

  server.on('connection', (near) => {
    near.pause()
    const far = new WebSocket(target.replace(/^http/, 'ws') + agentPaths.connect, { perMessageDeflate: false })
    pass(near, far)
    pass(far, near)
    far.once('open', () => near.resume())
  })

  const nextOf = (waiting: Map<string, () => void>, type: string) =>
    new Promise<void>((resolve) => waiting.set(type, resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    lose: (type) => nextOf(lost, type),
    next: (type) => nextOf(passed, type),
    async close() {
      for (const client of server.clients) client.terminate()
      server.close()
      http.close()
      await once(http, 'close')
    },
  }
}
