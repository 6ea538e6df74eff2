import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { executionSchema } from '../../../../protocol/api/executions.ts'
import { planSchema } from '../../../../protocol/api/plan/plans.ts'
import { rollbackInputSchema, rollbackPlanInputSchema } from '../../../../protocol/api/rollback.ts'
import type { AppContext } from '../../../app/context.ts'
import { readExecution } from '../../../app/execution/read-executions.ts'
import { planRollbackOf, rollbackExecution } from '../../../app/execution/rollback-execution.ts'
import { presentExecution, presentPlan } from '../../present/present-execution.ts'

const executionParams = z.object({ id: z.string().min(1).max(64) })
const tags = ['executions']

/** Rollbacks of executions: plan and start. */
export function registerRollbackRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.post(
    '/api/v1/executions/:id/rollback',
    {
      // The use case also requires permission to start the resulting execution.
      config: { access: [{ action: 'oos:NotifyExecution', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Roll back an execution',
        description:
          'Starts a new execution, linked to this one, that returns every instance which this one changed to its previous version and parameters, or removes the extension where it was not installed; the last changed instance first. Instances that were changed since are skipped with the reason.',
        params: executionParams,
        body: rollbackInputSchema.nullish(),
        response: { 201: executionSchema },
      },
    },
    async (request, reply) => {
      const body = request.body ?? rollbackInputSchema.parse({})
      const id = await rollbackExecution(context, request.actor, request.params.id, body)
      const execution = presentExecution(await readExecution(context, request.actor, id))
      return reply.code(201).header('location', `/api/v1/executions/${id}`).send(execution)
    },
  )

  routes.post(
    '/api/v1/executions/:id/rollback/plan',
    {
      // The use case also requires permission to plan the resulting execution.
      config: { readsOnly: true, access: [{ action: 'oos:NotifyExecution', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Plan a rollback',
        description:
          'Returns the plan of the rollback without starting it. Use its digest as `ifPlan` of the rollback.',
        params: executionParams,
        body: rollbackPlanInputSchema.nullish(),
        response: { 200: planSchema },
      },
    },
    async (request) => {
      const body = request.body ?? rollbackPlanInputSchema.parse({})
      return presentPlan(await planRollbackOf(context, request.actor, request.params.id, body))
    },
  )
}
