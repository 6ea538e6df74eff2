import type { FastifyInstance } from 'fastify'
import type { PeerReader } from '../../../lib/peer/read-peer.ts'

/**
 * Sets `request.ip` and `request.protocol` to those of the client, as far as the proxies in between
 * are trusted: for the log, the audit log, policies, cookies and the counts of failed sign-ins
 * alike. (Fastify's own `trustProxy` accepts any text as an address, and trusts `X-Forwarded-Host`,
 * which many proxies pass on unchanged from the client.)
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
