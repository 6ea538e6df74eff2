import type { IncomingMessage, Server } from 'node:http'
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
  server.on('connection', (socket) => {
    const address = normalizeAddress(socket.remoteAddress ?? '') ?? ''
    if (peers.isTrusted(address)) return
    if (!unproven.admit(socket, groupOfAddress(address))) return void socket.destroy()
    // Node.js starts the header timeout at the first byte: a connection that sends nothing needs
    // this one.
    const silence = clock.setTimeout(() => socket.bytesRead === 0 && socket.destroy(), requestHeadTimeoutMs, {
      unref: true,
    })
    const release = () => {
      silence.cancel()
      unproven.release(socket)
    }
    socket.once('close', release)
    socket.once(proven, release)
  })
  server.on('upgrade', (_request, socket) => socket.emit(proven))
}

/** Marks the connection of a request with valid credentials as authenticated. */
export const markProven = ({ raw }: { readonly raw: { readonly socket: Socket } }): void => void raw.socket.emit(proven)
