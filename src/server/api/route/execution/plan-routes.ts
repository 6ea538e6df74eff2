import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { planInputSchema } from '../../../../protocol/api/executions.ts'
import { planPageSchema, planSchema } from '../../../../protocol/api/plan/plans.ts'
import { readPlanRequest } from '../../../../protocol/api/plan/read-plan-request.ts'
import type { AppContext } from '../../../app/context.ts'
import { planExecution, readPlanPage } from '../../../app/plan/kept-plans.ts'
import { parsePageToken } from '../../http/page-token.ts'
import { presentPlan, presentPlanPage } from '../../present/present-execution.ts'

const tags = ['executions']

/** Plans: what an execution would do, in pages. */
export function registerPlanRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.post(
    '/api/v1/plans',
    {
      config: { readsOnly: true, access: 'use-case' },
      schema: {
        tags,
        summary: 'Plan an execution',
        description:
          'Returns the step for every target and its reason without starting anything. The response contains the counts and the first 1,000 targets; `GET /plans/{id}/targets` returns the others for one hour. Only users who may start the execution see whether secret parameters differ from the installed ones.',
        body: planInputSchema,
        response: { 200: planSchema },
      },
    },
    async (request) => presentPlan(await planExecution(context, request.actor, readPlanRequest(request.body))),
  )

  routes.get(
    '/api/v1/plans/:id/targets',
    {
      // The use case also requires permission for the templates of the plan.
      config: { access: [{ action: 'ecs:DescribeInstances', on: 'instance/*' }] },
      schema: {
        tags,
        summary: 'List the targets of a plan',
        description:
          'Returns the targets as of the creation of the plan, 1,000 per page, and only to the user who created it.',
        params: z.object({ id: z.string().min(1).max(64) }),
        querystring: z.strictObject({ nextToken: z.string().max(512).optional() }),
        response: { 200: planPageSchema },
      },
    },
    async (request) => {
      const [number] = parsePageToken(request.query.nextToken, ['number']) ?? [0]
      return presentPlanPage(await readPlanPage(context, request.actor, request.params.id, number))
    },
  )
}
