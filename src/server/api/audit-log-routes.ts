import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { auditEntrySchema } from '../../protocol/api/audit-log.ts'
import { pageOf, pageQuerySchema } from '../../protocol/api/page.ts'
import type { AppContext } from '../app/context.ts'
import { listAuditLog } from '../app/list-audit-log.ts'
import { makePage } from './make-page.ts'
import { parsePageToken } from './page-token.ts'

export function registerAuditLogRoutes(api: FastifyInstance, context: Pick<AppContext, 'database'>): void {
  api.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/audit-log',
    {
      schema: {
        tags: ['audit log'],
        summary: 'List who changed what, from where',
        description: 'Newest first.',
        querystring: z.strictObject(pageQuerySchema.shape),
        response: { 200: pageOf(auditEntrySchema) },
      },
    },
    async ({ actor, query: { maxResults, nextToken } }) => {
      const [before] = parsePageToken(nextToken, ['number']) ?? []
      const rows = await listAuditLog(context, actor, { before, limit: maxResults + 1 })
      return makePage(
        rows,
        maxResults,
        ({ id }) => [id],
        ({ id, at, ...entry }) => ({ ...entry, id: String(id), at: at.toISOString(), detail: { ...entry.detail } }),
      )
    },
  )
}
