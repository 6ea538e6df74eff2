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
 * Limits connections whose clients have not shown yet who they are, all in all and for each address, so that they take nothing from those that
 * have. A trusted proxy counts as one that has: it has many clients. Those that become agents' connections the gateway counts itself.
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
    // Node.js counts the time of a head from its first byte: one that never begins is nobody's but ours to end.
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

/** A request on this connection had valid credentials. */
export const markProven = ({ raw }: { readonly raw: { readonly socket: Socket } }): void => void raw.socket.emit(proven)
