import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to the server that can be cut, as a network is: what runs over it ends, and nothing new gets through until it is restored. */
export interface Bridge {
  readonly url: string
  cut(): Promise<void>
  restore(): Promise<void>
  /** Whether what the server says is held back, on connections that stay open. */
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
