import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { AppContext } from '../../../app/context.ts'
import { checkReadiness } from '../../../app/overview/check-readiness.ts'
import type { ApiOptions } from '../../api-options.ts'
import { renderInstallScript } from './install-script.ts'

const config = { open: true } as const
const readinessSchema = z.object({
  status: z.enum(['ready', 'not ready']),
  checks: z.object({ database: z.string(), objects: z.string() }),
})

/** The server's own state; open to everyone, so it reveals only whether the server is available. */
export function registerServerRoutes(
  api: FastifyInstance,
  context: Pick<AppContext, 'database' | 'objects' | 'clock' | 'region' | 'log'>,
  { version, publicUrl, installScript, windowsInstallScript }: ApiOptions,
): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get('/', { config, schema: { hide: true } }, async () => ({
    name: 'Chandler',
    version,
    what: 'Installs, updates and removes your own software on any number of servers.',
    api: '/api/v1',
    docs: '/docs',
    openapi: '/openapi.json',
  }))

  routes.get(
    '/healthz',
    {
      config,
      schema: {
        tags: ['server'],
        summary: 'Check that the process is alive',
        security: [],
        response: { 200: z.object({ status: z.literal('ok') }) },
      },
    },
    async () => ({ status: 'ok' as const }),
  )

  routes.get(
    '/readyz',
    {
      config,
      schema: {
        tags: ['server'],
        summary: 'Check that the server is ready: database and object store are available',
        security: [],
        response: { 200: readinessSchema, 503: readinessSchema },
      },
    },
    async (_request, reply) => {
      const { ready, checks } = await checkReadiness(context)
      if (!ready) context.log.warn('not ready', { checks })
      // Details go to the log only, because this route is open to everyone.
      const publicState = (check: string) => (check === 'ok' ? 'ok' : 'unavailable')
      return reply.code(ready ? 200 : 503).send({
        status: ready ? ('ready' as const) : ('not ready' as const),
        checks: { database: publicState(checks.database), objects: publicState(checks.objects) },
      })
    },
  )

  routes.get('/install.sh', { config, schema: { hide: true } }, async (request, reply) => {
    const server = publicUrl ?? addressAskedFor(request.protocol, request.headers.host)
    return reply.type('text/x-shellscript; charset=utf-8').send(renderInstallScript(installScript, server))
  })
  if (windowsInstallScript !== undefined)
    routes.get('/install.ps1', { config, schema: { hide: true } }, async (request, reply) => {
      const server = publicUrl ?? addressAskedFor(request.protocol, request.headers.host)
      return reply.type('text/plain; charset=utf-8').send(renderInstallScript(windowsInstallScript, server))
    })
}

/**
 * The server's address as the sender sees it. It is inserted into a script, so
 * `renderInstallScript` checks every character.
 */
const addressAskedFor = (protocol: string, host: string | undefined) =>
  host === undefined ? undefined : `${protocol}://${host}`
