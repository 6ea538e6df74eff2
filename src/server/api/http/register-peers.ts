import type { FastifyInstance } from 'fastify'
import type { PeerReader } from '../../../lib/peer/read-peer.ts'

/**
 * `request.ip` and `request.protocol` are those of the client, as far as the proxies in between are trusted: for the log, the audit log, policies,
 * cookies and the counts of failed sign-ins alike. (Fastify's own `trustProxy` believes any text to be an address, and trusts
 * `X-Forwarded-Host`, which many proxies hand on as the client wrote it.)
 */
export function registerPeers(api: FastifyInstance, peers: PeerReader): void {
  api.addHook('onRequest', async (request) => {
    const { address, isSecure } = peers.read(request.raw)
    Object.defineProperties(request, {
      ip: { value: address },
      protocol: { value: isSecure ? 'https' : 'http' },
    })
  })
}
