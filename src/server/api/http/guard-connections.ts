import type { IncomingMessage, Server } from 'node:http'
import type { FastifyRequest } from 'fastify'
import {
  maxConnections,
  maxUnprovenConnections,
  maxUnprovenConnectionsPerAddress,
  requestHeadTimeoutMs,
  unprovenGraceMs,
} from '../../../core/limits.ts'
import type { Clock } from '../../../lib/clock.ts'
import { groupOfAddress, normalizeAddress } from '../../../lib/peer/address.ts'
import type { PeerReader } from '../../../lib/peer/read-peer.ts'
import { createUnprovenPool } from '../../../lib/peer/unproven-pool.ts'

type Socket = IncomingMessage['socket']

const proven = 'proven'

/**
 * Limits unauthenticated connections, in total and per address, so that they take no capacity from
 * authenticated ones. A trusted proxy counts as authenticated, because it has many clients. The
 * gateway itself counts connections that become agent connections.
 */
export function guardConnections(
  server: Server,
  peers: PeerReader,
  clock: Pick<Clock, 'monotonicMs' | 'setTimeout'>,
): void {
  const unproven = createUnprovenPool<Socket>({
    maxItems: maxUnprovenConnections,
    maxPerGroup: maxUnprovenConnectionsPerAddress,
    graceMs: unprovenGraceMs,
    evict: (socket) => socket.destroy(),
    clock,
  })
  server.maxConnections = maxConnections
  /** By peer address and port: with TLS, requests have another socket than the connection. */
  const releases = new Map<string, () => void>()
  server.on('connection', (socket: Socket) => {
    const address = normalizeAddress(socket.remoteAddress ?? '') ?? ''
    if (peers.isTrusted(address)) return
    if (!unproven.admit(socket, groupOfAddress(address))) return void socket.destroy()
    // Node.js starts the header timeout at the first byte: a connection that sends nothing needs
    // this one.
    const silence = clock.setTimeout(() => socket.bytesRead === 0 && socket.destroy(), requestHeadTimeoutMs, {
      unref: true,
    })
    const key = keyOf(socket)
    const release = () => {
      silence.cancel()
      unproven.release(socket)
      if (releases.get(key) === release) releases.delete(key)
    }
    releases.set(key, release)
    socket.once('close', release)
  })
  // The same for a connection that sends nothing after the TLS handshake.
  server.on('secureConnection', (socket: Socket) => {
    const silence = clock.setTimeout(() => socket.bytesRead === 0 && socket.destroy(), requestHeadTimeoutMs, {
      unref: true,
    })
    socket.once('close', () => silence.cancel())
  })
  server.on('upgrade', (_request, socket) => server.emit(proven, socket))
  server.on(proven, (socket: Socket) => releases.get(keyOf(socket))?.())
}

const keyOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`

/** Marks the connection of a request with valid credentials as authenticated. */
export const markProven = ({ raw, server }: Pick<FastifyRequest, 'raw' | 'server'>): void =>
  void server.server.emit(proven, raw.socket)
