import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServerId } from '../../../src/core/id.ts'
import type { AppContext } from '../../../src/server/app/context.ts'
import { createGateway } from '../../../src/server/gateway/gateway.ts'
import { updateHeartbeat } from '../../../src/store/server/servers.ts'

export interface ListeningGateway {
  readonly url: string
  close(): Promise<void>
}

/** A gateway of a known server on a port of its own, for agents that the test speaks for. */
export async function startGateway(context: AppContext): Promise<ListeningGateway> {
  const serverId = 'server-test' as ServerId
  await updateHeartbeat(context.database, serverId, 'host')
  const gateway = createGateway(context, serverId)
  const http = createServer().listen(0, '127.0.0.1')
  gateway.attach(http)
  await once(http, 'listening')
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async close() {
      await gateway.close()
      http.close()
    },
  }
}
