import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import {
  auditChainQuerySchema,
  auditEntrySchema,
  auditExportsSchema,
  auditQuerySchema,
  auditVerificationSchema,
  chainedAuditEntrySchema,
} from '../../../../protocol/api/audit-log.ts'
import { pageOf } from '../../../../protocol/api/page.ts'
import { verifyAuditLog } from '../../../app/access/audit/audit-chain.ts'
import { listChain, listExports } from '../../../app/access/audit/export-audit.ts'
import { listAuditLog } from '../../../app/access/list-audit-log.ts'
import type { AppContext } from '../../../app/context.ts'
import { makePage } from '../../http/make-page.ts'
import { parsePageToken } from '../../http/page-token.ts'

export function registerAuditLogRoutes(api: FastifyInstance, context: Pick<AppContext, 'database'>): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  const access = [{ action: 'chandler:ListAuditLog', on: 'audit-log' }] as const
  routes.get(
    '/api/v1/audit-log',
    {
      config: { access },
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

  routes.get(
    '/api/v1/audit-log/verification',
    {
      config: { access },
      schema: {
        tags: ['audit log'],
        summary: 'Verify the audit log',
        description:
          'Computes the hashes of all entries again and returns the first entry that was changed, removed or inserted.',
        response: { 200: auditVerificationSchema },
      },
    },
    async ({ actor }) => {
      const { fault, ...result } = await verifyAuditLog(context, actor)
      if (!fault) return result
      const { id, ...found } = fault
      return { ...result, fault: { ...found, ...(id === undefined ? {} : { entryId: String(id) }) } }
    },
  )

  routes.get(
    '/api/v1/audit-log/chain',
    {
      config: { access },
      schema: {
        tags: ['audit log'],
        summary: 'List audit log entries with their hashes',
        description: 'Oldest first. An entry appears within seconds of its commit.',
        querystring: auditChainQuerySchema,
        response: { 200: pageOf(chainedAuditEntrySchema) },
      },
    },
    async ({ actor, query: { maxResults, nextToken, after } }) => {
      const [place = after] = parsePageToken(nextToken, ['number']) ?? []
      const rows = await listChain(context, actor, { after: place, limit: maxResults + 1 })
      return makePage(
        rows,
        maxResults,
        ({ seq }) => [seq],
        ({ detail, ...entry }) => ({ ...entry, detail: { ...detail } }),
      )
    },
  )

  routes.get(
    '/api/v1/audit-log/exports',
    {
      config: { access },
      schema: {
        tags: ['audit log'],
        summary: 'List the exports of the audit log',
        response: { 200: auditExportsSchema },
      },
    },
    async ({ actor }) => ({
      items: (await listExports(context, actor)).map(({ failure, failedAt, ...one }) => ({
        ...one,
        ...(failure === '' ? {} : { failure, failedAt: failedAt?.toISOString() }),
      })),
    }),
  )
}

const dateOf = (text: string | undefined) => (text === undefined ? undefined : new Date(text))
