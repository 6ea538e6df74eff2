import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { auditEntrySchema, auditQuerySchema } from '../../../../protocol/api/audit-log.ts'
import { pageOf } from '../../../../protocol/api/page.ts'
import { listAuditLog } from '../../../app/access/list-audit-log.ts'
import type { AppContext } from '../../../app/context.ts'
import { makePage } from '../../http/make-page.ts'
import { parsePageToken } from '../../http/page-token.ts'

export function registerAuditLogRoutes(api: FastifyInstance, context: Pick<AppContext, 'database'>): void {
  api.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/audit-log',
    {
      config: { access: [{ action: 'chandler:ListAuditLog', on: 'audit-log' }] },
      schema: {
        tags: ['audit log'],
        summary: 'List audit log entries',
        description: 'Newest first.',
        querystring: auditQuerySchema,
        response: { 200: pageOf(auditEntrySchema) },
      },
    },
    async ({ actor, query: { maxResults, nextToken, from, to, ...words } }) => {
      const place = parsePageToken(nextToken, ['number', 'number'])
      const after = place && { atMicros: place[0], id: place[1] }
      const filter = { ...words, from: dateOf(from), to: dateOf(to) }
      const rows = await listAuditLog(context, actor, filter, { after, limit: maxResults + 1 })
      return makePage(
        rows,
        maxResults,
        ({ atMicros, id }) => [atMicros, id],
        ({ id, at, atMicros: _, accessKeyId, ...entry }) => ({
          ...entry,
          ...(accessKeyId === null ? {} : { accessKeyId }),
          id: String(id),
          at: at.toISOString(),
          detail: { ...entry.detail },
        }),
      )
    },
  )
}

const dateOf = (text: string | undefined) => (text === undefined ? undefined : new Date(text))
