import { once } from 'node:events'
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net'

/**
 * A network between two programs that can be cut, redirected, or made to drop the far side's bytes.
 */
export interface TcpProxy {
  /** The port on 127.0.0.1. */
  readonly port: number
  readonly url: string
  /** Target of new connections. Open ones are not affected. */
  pointTo(target: NetConnectOpts): void
  /** Closes every connection, and every new one immediately. */
  cut(): void
  /**
   * Silence instead of an end: nothing passes any more in either direction, and neither side gets
   * an error.
   */
  freeze(): void
  /**
   * Like a device between the two that loses its connection table: open connections drop everything
   * permanently, also after `restore`; connections that are opened until then wait for it.
   */
  swallow(): void
  /** Reverts a cut or a freeze. Held bytes pass; connections that were cut stay closed. */
  restore(): void
  /**
   * From the first matching chunk of the far side on, nothing of that connection reaches the near
   * side. Resolves at that moment with the near side's request on that connection; `restore` ends
   * it.
   */
  holdFrom(matches: (piece: string, passedBytes: number) => boolean): Promise<string>
  /** The first bytes of the requests on each connection. */
  readonly asked: readonly string[]
  stop(): Promise<void>
}

interface Held {
  readonly matches: (piece: string, passedBytes: number) => boolean
  readonly resolve: (asked: string) => void
}

export async function createTcpProxy(target: NetConnectOpts): Promise<TcpProxy> {
  let leadsTo = target
  let isCut = false
  let isFrozen = false
  let hold: Held | undefined
  const sockets = new Set<Socket>()
  /** Connections that drop everything. */
  const forgotten = new WeakSet<Socket>()
  const resumes = new Set<() => void>()
  const asked: string[] = []

  const server = createServer((near) => {
    if (isCut) return near.destroy()
    const far = connect(leadsTo)
    const index = asked.push('') - 1
    let passedBytes = 0
    let isHeld = false
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    const stream = (from: Socket, to: Socket, mayPass: (piece: Buffer) => boolean) => {
      const waiting: Buffer[] = []
      from.on('data', (piece: Buffer) => {
        if (waiting.length > 0 || !mayPass(piece)) {
          waiting.push(piece)
          return
        }
        if (!to.write(piece)) from.pause()
      })
      to.on('drain', () => from.resume())
      from.on('end', () => to.end())
      const resume = () => {
        if (forgotten.has(from)) return
        for (const piece of waiting.splice(0)) to.write(piece)
      }
      resumes.add(resume)
      from.on('close', () => resumes.delete(resume))
    }
    stream(near, far, (piece) => {
      if ((asked[index]?.length ?? 0) < 2_000) asked[index] += piece.toString('latin1')
      return !isFrozen && !forgotten.has(near)
    })
    stream(far, near, (piece) => {
      if (!isHeld && hold?.matches(piece.toString('latin1'), passedBytes)) {
        isHeld = true
        hold.resolve(asked[index] ?? '')
      }
      passedBytes += piece.length
      return !isFrozen && !forgotten.has(near) && !(isHeld && hold)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    asked,
    pointTo(next) {
      leadsTo = next
    },
    cut() {
      isCut = true
      for (const socket of sockets) socket.destroy()
    },
    freeze() {
      isFrozen = true
    },
    swallow() {
      isFrozen = true
      for (const socket of sockets) forgotten.add(socket)
    },
    restore() {
      isCut = false
      isFrozen = false
      hold = undefined
      for (const resume of resumes) resume()
    },
    holdFrom: (matches) =>
      new Promise((resolve) => {
        hold = { matches, resolve }
      }),
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
