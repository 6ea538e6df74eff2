import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { hintTexts } from '../../../../core/execution/failure-lines.ts'
import { failuresSchema, progressSchema } from '../../../../protocol/api/executions.ts'
import type { AppContext } from '../../../app/context.ts'
import { type FailureGroupView, readFailures } from '../../../app/execution/read-failures.ts'
import { readProgress } from '../../../app/execution/read-progress.ts'
import { presentReason } from '../../present/present-reason.ts'

const tags = ['executions']
const params = z.object({ id: z.string().min(1).max(64) })

/** Derived views of an execution: groups of failures, and progress. */
export function registerFailureRoutes(api: FastifyInstance, context: Pick<AppContext, 'database' | 'clock'>): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/api/v1/executions/:id/failures',
    {
      config: { access: [{ action: 'oos:ListTaskExecutions', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'List the failure groups of an execution',
        description: 'Groups failed tasks by reason, exit code and last lines of output. Returns up to 100 groups.',
        params,
        response: { 200: failuresSchema },
      },
    },
    async ({ actor, params: { id } }) => {
      const { groups, isComplete } = await readFailures(context, actor, id)
      return { groups: groups.map(presentGroup), isComplete }
    },
  )

  routes.get(
    '/api/v1/executions/:id/progress',
    {
      config: { access: [{ action: 'oos:ListExecutions', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Get the progress of an execution',
        description:
          'Returns the elapsed time, the expected end, the used and accepted errors, and the executions it waits for.',
        params,
        response: { 200: progressSchema },
      },
    },
    async ({ actor, params: { id } }) => {
      const { expectedEndAt, waitsFor, ...progress } = await readProgress(context, actor, id)
      return {
        ...progress,
        ...(expectedEndAt && { expectedEndAt: expectedEndAt.toISOString() }),
        waitsFor: [...waitsFor],
      }
    },
  )
}

function presentGroup({ exitCode, lines, samples, hint, ...group }: FailureGroupView) {
  return {
    ...group,
    ...(exitCode === undefined ? {} : { exitCode }),
    lines: [...lines],
    samples: samples.map((sample) => ({ ...sample, ...presentReason(sample.reason) })),
    ...(hint && { hint: { code: hint, text: hintTexts[hint] } }),
  }
}
