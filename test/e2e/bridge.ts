import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * A TCP proxy to the server that can simulate a network outage: `cut` ends all connections and
 * accepts none until `restore`.
 */
export interface Bridge {
  readonly url: string
  cut(): Promise<void>
  restore(): Promise<void>
  /** Whether to hold back the server's data on open connections. */
  silence(isSilent: boolean): void
}

export async function openBridge(target: string): Promise<Bridge> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const upstreams = new Set<Socket>()
  let isSilent = false
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    upstreams.add(upstream)
    upstream.on('close', () => upstreams.delete(upstream))
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from
        .on('error', () => to.destroy())
        .on('close', () => {
          sockets.delete(from)
          to.destroy()
        })
      if (from === client) from.pipe(to)
    }
    upstream.on('data', (bytes) => client.write(bytes)).on('end', () => client.end())
    if (isSilent) upstream.pause()
  })
  const listen = async (at: number) => {
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const here = await listen(0)
  return {
    url: `http://127.0.0.1:${here}`,
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
    async restore() {
      await listen(here)
    },
    silence(value) {
      isSilent = value
      for (const upstream of upstreams)
        if (value) upstream.pause()
        else upstream.resume()
    },
  }
}
