import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import { agentPaths } from '../../../../protocol/agent-protocol.ts'
import { caCertificatesSchema } from '../../../../protocol/ca-certificates.ts'
import type { ApiTls } from '../../api-options.ts'

/**
 * The CA certificates of the server, open to everyone: who has the digest of the current CA can
 * verify what arrives here over an unverified connection.
 */
export function registerCaRoutes(api: FastifyInstance, identity: ApiTls['identity'] | undefined): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  const config = { open: true } as const
  /** Without a CA of the server's own, the paths do not exist. */
  const find = (path: string) => {
    const authorities = identity?.authorities
    if (authorities === undefined) throw chandlerError('NotFound', { path })
    return authorities
  }
  // One certificate in DER: its SHA-256 is the digest of the CA, and there is no second certificate
  // to overlook.
  routes.get('/ca.der', { config, schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/pkix-cert').send(derOf(find('/ca.der').trusted[0] as string)),
  )
  routes.get('/ca.pem', { config, schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/x-pem-file').send(
      `${find('/ca.pem')
        .trusted.map((pem) => pem.trim())
        .join('\n')}\n`,
    ),
  )
  routes.get(
    agentPaths.caCertificates,
    { config, schema: { hide: true, response: { 200: caCertificatesSchema } } },
    async () => {
      const { trusted, crossCertificates } = find(agentPaths.caCertificates)
      return { trusted: [...trusted], crossCertificates: [...crossCertificates] }
    },
  )
}

const derOf = (pem: string) => Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
