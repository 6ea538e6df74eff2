import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { executionSchema } from '../../../../protocol/api/executions.ts'
import { approvalInputSchema } from '../../../../protocol/api/gates.ts'
import type { AppContext } from '../../../app/context.ts'
import { readExecution } from '../../../app/execution/read-executions.ts'
import { approveExecution } from '../../../app/gate/approve-execution.ts'
import { presentExecution } from '../../present/present-execution.ts'

const params = z.object({ id: z.string().min(1).max(64) })

/** Decisions of users at approval gates. */
export function registerApprovalRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  for (const [decision, approves, summary] of decisions)
    routes.post(
      `/api/v1/executions/:id/${decision}`,
      {
        config: { access: [{ action: 'chandler:ApproveExecution', on: 'execution/{params.id}' }] },
        schema: {
          tags: ['executions'],
          summary,
          description: 'The user who started the execution cannot decide. The decision is in the audit log.',
          params,
          body: approvalInputSchema.nullish(),
          response: { 200: executionSchema },
        },
      },
      async ({ actor, params: { id }, body }) => {
        await approveExecution(context, actor, id, { approves, comment: body?.comment ?? '' })
        return presentExecution(await readExecution(context, actor, id))
      },
    )
}

const decisions = [
  ['approve', true, 'Approve the next batch of an execution that waits at an approval gate'],
  ['reject', false, 'Reject the next batch of an execution that waits at an approval gate: the gate fails'],
] as const
