import { publishedTrustFileSchema, signedAgentsSchema } from '../protocol/api/trust.ts'
import { pathOf, type Transport } from './transport.ts'

/** The trust file that the server delivers to instances which have one. */
export const createTrustClient = (transport: Transport) => ({
  /** The agents of the server, with the bytes that the release key signs. */
  listAgents: () => transport.request('GET', '/agent-bundles', signedAgentsSchema),
  addAgentSignature: (arch: string, signature: string) =>
    transport.send('POST', pathOf`/agent-bundles/${arch}/signatures`, { body: { signature } }),
  get: () => transport.request('GET', '/trust-file', publishedTrustFileSchema),
  /** @param signatures of root keys over the content, as `ssh-keygen -Y sign` makes them */
  publish: (content: string, signatures: readonly string[]) =>
    transport.request('PUT', '/trust-file', publishedTrustFileSchema, { body: { content, signatures } }),
})
