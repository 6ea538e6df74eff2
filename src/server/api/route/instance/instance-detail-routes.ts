import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { makeReason } from '../../../../core/reason/reason.ts'
import {
  type InstanceExtensionView,
  instanceExtensionSchema,
  instanceHistorySchema,
} from '../../../../protocol/api/instances.ts'
import { pageOf, pageQuerySchema } from '../../../../protocol/api/page.ts'
import type { AppContext } from '../../../app/context.ts'
import { type InstanceExtension, listInstanceExtensions } from '../../../app/instance/list-instance-extensions.ts'
import { type HistoryRow, readInstanceHistory } from '../../../app/instance/read-instance-history.ts'
import { makePage } from '../../http/make-page.ts'
import { parsePageToken } from '../../http/page-token.ts'
import { presentTask } from '../../present/present-execution.ts'
import { presentInstalled } from '../../present/present-instance.ts'
import { presentOperation, version } from '../../present/present-operation.ts'
import { presentReason } from '../../present/present-reason.ts'

const tags = ['instances']
const params = z.object({ id: z.string().max(128) })

/** One instance: the extensions that it can get, and its history. */
export function registerInstanceDetailRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/api/v1/instances/:id/extensions',
    {
      config: {
        access: [
          { action: 'ecs:DescribeInstances', on: 'instance/{params.id}' },
          { action: 'oos:ListTemplates', on: 'template/*' },
        ],
      },
      schema: {
        tags,
        summary: 'List extensions with their state on an instance',
        description:
          'Returns the installed version of each extension and whether the newest version applies to the instance, with the reason if not. Sorted by name.',
        params,
        querystring: z.strictObject({
          ...pageQuerySchema.shape,
          name: z.string().min(1).max(64).optional().describe('Part of the name, case-insensitive.'),
        }),
        response: { 200: pageOf(instanceExtensionSchema) },
      },
    },
    async ({ actor, params: { id }, query: { maxResults, nextToken, name } }) => {
      const [after] = parsePageToken(nextToken, ['string']) ?? []
      const page = { after, text: name, limit: maxResults + 1 }
      const rows = await listInstanceExtensions(context, actor, id, page)
      return makePage(rows, maxResults, ({ extensionName }) => [extensionName], presentExtension)
    },
  )

  routes.get(
    '/api/v1/instances/:id/history',
    {
      config: {
        access: [
          { action: 'ecs:DescribeInstances', on: 'instance/{params.id}' },
          { action: 'oos:ListExecutions', on: 'execution/*' },
        ],
      },
      schema: {
        tags,
        summary: 'List the history of an instance',
        description: 'Returns the tasks of the instance in all executions, newest execution first.',
        params,
        querystring: z.strictObject(pageQuerySchema.shape),
        response: { 200: pageOf(instanceHistorySchema) },
      },
    },
    async ({ actor, params: { id }, query: { maxResults, nextToken } }) => {
      const place = parsePageToken(nextToken, ['instant', 'string'])
      const after = place && { createdAt: place[0], id: place[1] }
      const rows = await readInstanceHistory(context, actor, id, { after, limit: maxResults + 1 })
      const placeOf = ({ execution }: HistoryRow) => [execution.created_at.toISOString(), execution.id]
      return makePage(rows, maxResults, placeOf, presentHistory)
    },
  )
}

function presentExtension({ extensionName, type, description, newest, fit, state }: InstanceExtension) {
  const view: InstanceExtensionView = {
    extension: extensionName,
    type,
    description,
    ...version('newest', newest?.version),
    ...presentFit(fit),
    state: state?.status ?? 'absent',
    ...(state && { installed: presentInstalled(state) }),
  }
  return view
}

function presentFit(fit: InstanceExtension['fit']) {
  if (fit === undefined) return { fits: false, ...presentReason(makeReason('NoInstallableVersion')) }
  return 'configurationId' in fit ? { fits: true } : { fits: false, ...presentReason(fit.reason) }
}

function presentHistory({ execution, task }: HistoryRow): z.input<typeof instanceHistorySchema> {
  return {
    executionId: execution.id,
    executionStatus: execution.status,
    ...presentOperation(execution.operation),
    description: execution.description,
    createdBy: execution.created_by,
    createdAt: execution.created_at.toISOString(),
    task: presentTask(task),
  }
}
