import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import { executionStatuses } from '../../../../core/execution/execution.ts'
import { maxTagLength, maxTagsPerInstance } from '../../../../core/limits.ts'
import { parseSelector } from '../../../../core/plan/targets.ts'
import {
  executionInputSchema,
  executionPatchSchema,
  executionSchema,
  executionSummarySchema,
  retryInputSchema,
  retryPlanInputSchema,
} from '../../../../protocol/api/executions.ts'
import { extensionNameSchema } from '../../../../protocol/api/extensions.ts'
import { pageOf, pageQuerySchema } from '../../../../protocol/api/page.ts'
import { planSchema } from '../../../../protocol/api/plan/plans.ts'
import { readStartRequest } from '../../../../protocol/api/plan/read-plan-request.ts'
import { findPermitted } from '../../../app/access/object-access.ts'
import type { AppContext } from '../../../app/context.ts'
import { controlExecution, deleteExecution } from '../../../app/execution/control-execution.ts'
import { patchExecution } from '../../../app/execution/patch-execution.ts'
import { readChanges } from '../../../app/execution/read-changes.ts'
import { readExecution, readExecutions } from '../../../app/execution/read-executions.ts'
import { planRetry, retryExecution } from '../../../app/execution/retry-execution.ts'
import { startExecution } from '../../../app/execution/start-execution.ts'
import { requireKnownSelection } from '../../../app/plan/require-known.ts'
import { readExecutionValues } from '../../../app/plan/shown-values.ts'
import { parsePageToken, renderPageToken } from '../../http/page-token.ts'
import { presentExecution, presentPlan, presentSummary, presentWhole } from '../../present/present-execution.ts'

const executionParams = z.object({ id: z.string().min(1).max(64) })
const tags = ['executions']

/** Executions: start, list, control. */
export function registerExecutionRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.post(
    '/api/v1/executions',
    {
      config: { access: 'use-case' },
      schema: {
        tags,
        summary: 'Start an execution',
        description:
          'Creates and freezes the plan and starts it. Requests with the same `clientToken` return the same execution: 201 the first time, then 200. With `ifPlan`, the request fails with 409 PlanChanged if the plan differs.',
        body: executionInputSchema,
        response: { 200: executionSchema, 201: executionSchema },
      },
    },
    async (request, reply) => {
      const { id, created } = await startExecution(context, request.actor, readStartRequest(request.body))
      const execution = presentExecution(await readExecution(context, request.actor, id))
      return reply
        .code(created ? 201 : 200)
        .header('location', `/api/v1/executions/${id}`)
        .send(execution)
    },
  )

  routes.get(
    '/api/v1/executions',
    {
      config: { access: [{ action: 'oos:ListExecutions', on: 'execution/*' }] },
      schema: {
        tags,
        summary: 'List executions, newest first',
        querystring: z.strictObject({
          ...pageQuerySchema.shape,
          status: z.enum(executionStatuses).optional(),
          extension: extensionNameSchema.optional(),
          tag: z
            .string()
            .max(maxTagsPerInstance * 2 * (maxTagLength + 1))
            .optional()
            .describe('`k=v[,k2=v2]`: all tags must match, as in the selector `tag:…`'),
          resourceGroup: z.string().min(1).max(64).optional(),
          parentExecutionId: z.string().min(1).max(64).optional(),
          instanceId: z.string().min(1).max(64).optional(),
        }),
        response: { 200: pageOf(executionSummarySchema) },
      },
    },
    async (request) => {
      const { maxResults, nextToken, tag, ...selection } = request.query
      const place = parsePageToken(nextToken, ['instant', 'string'])
      const after = place && { createdAt: place[0], id: place[1] }
      await requireKnownSelection(context, request.actor, selection)
      const views = await readExecutions(
        context,
        request.actor,
        {
          ...selection,
          permitted: findPermitted(context, request.actor, 'oos:ListExecutions', 'execution'),
          tags: tag === undefined ? undefined : parseTags(tag),
        },
        { after, limit: maxResults },
      )
      const last = views.length === maxResults ? views.at(-1)?.execution : undefined
      return {
        items: views.map(presentSummary),
        ...(last ? { nextToken: renderPageToken([last.created_at.toISOString(), last.id]) } : {}),
      }
    },
  )

  routes.get(
    '/api/v1/executions/:id',
    {
      config: { access: [{ action: 'oos:ListExecutions', on: 'execution/{params.id}' }] },
      schema: { tags, summary: 'Get an execution', params: executionParams, response: { 200: executionSchema } },
    },
    async (request) => {
      const view = await readExecution(context, request.actor, request.params.id)
      const values = await readExecutionValues(context, view.execution)
      return presentWhole(view, values, await readChanges(context, request.actor, view.execution.id))
    },
  )

  routes.patch(
    '/api/v1/executions/:id',
    {
      config: { access: [{ action: 'oos:UpdateExecution', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Change the description, the tags or the resource group of an execution',
        params: executionParams,
        body: executionPatchSchema,
        response: { 200: executionSchema },
      },
    },
    async (request) => {
      await patchExecution(context, request.actor, request.params.id, request.body)
      return presentExecution(await readExecution(context, request.actor, request.params.id))
    },
  )

  routes.delete(
    '/api/v1/executions/:id',
    {
      config: { access: [{ action: 'oos:DeleteExecutions', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Delete an ended execution with its tasks and output',
        params: executionParams,
        response: { 204: z.null().describe('Deleted') },
      },
    },
    async (request, reply) => {
      await deleteExecution(context, request.actor, request.params.id)
      return reply.code(204).send(null)
    },
  )

  for (const control of ['pause', 'resume', 'cancel', 'complete'] as const) {
    routes.post(
      `/api/v1/executions/:id/${control}`,
      {
        config: { access: [{ action: controlActions[control], on: 'execution/{params.id}' }] },
        schema: {
          tags,
          summary: controlSummaries[control],
          description: 'Idempotent.',
          params: executionParams,
          response: { 200: executionSchema },
        },
      },
      async (request) => {
        await controlExecution(context, request.actor, request.params.id, control)
        return presentExecution(await readExecution(context, request.actor, request.params.id))
      },
    )
  }

  routes.post(
    '/api/v1/executions/:id/retry',
    {
      // The use case also requires permission to start the resulting execution.
      config: { access: [{ action: 'oos:NotifyExecution', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Retry an execution',
        description:
          'Starts a new execution, linked to this one, with the targets that failed, were cancelled or did not start, or with some of them: a failure group or a list of instances.',
        params: executionParams,
        body: retryInputSchema.nullish(),
        response: { 201: executionSchema },
      },
    },
    async (request, reply) => {
      const id = await retryExecution(context, request.actor, request.params.id, request.body ?? {})
      const execution = presentExecution(await readExecution(context, request.actor, id))
      return reply.code(201).header('location', `/api/v1/executions/${id}`).send(execution)
    },
  )

  routes.post(
    '/api/v1/executions/:id/retry/plan',
    {
      // The use case also requires permission to plan the resulting execution.
      config: { readsOnly: true, access: [{ action: 'oos:NotifyExecution', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Plan a retry',
        description: 'Returns the plan of the retry without starting it. Use its digest as `ifPlan` of the retry.',
        params: executionParams,
        body: retryPlanInputSchema.nullish(),
        response: { 200: planSchema },
      },
    },
    async (request) => presentPlan(await planRetry(context, request.actor, request.params.id, request.body ?? {})),
  )
}

function parseTags(text: string): Readonly<Record<string, string>> {
  const parsed = parseSelector(`tag:${text}`)
  if ('problem' in parsed) throw chandlerError('SelectorInvalid', { selector: `tag:${text}`, reason: parsed.problem })
  return parsed.targets.kind === 'tags' ? parsed.targets.tags : {}
}

const controlSummaries = {
  pause: 'Pause an execution: start no new tasks, let running tasks finish',
  resume: 'Resume an execution: open the next batch, accept the failures so far',
  cancel: 'Cancel an execution: cancel pending tasks, stop running ones',
  complete:
    'Complete an execution in Debug mode: cancel the tasks that were not run and close the execution with the result of those that were',
} as const

/** Cancel is a separate operation in OOS; the other controls are notifications. */
const controlActions = {
  pause: 'oos:NotifyExecution',
  resume: 'oos:NotifyExecution',
  complete: 'oos:NotifyExecution',
  cancel: 'oos:CancelExecution',
} as const
