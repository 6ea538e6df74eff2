import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { taskDetailSchema, taskQuerySchema, taskSchema } from '../../protocol/api/executions.ts'
import { pageOf, pageQuerySchema } from '../../protocol/api/page.ts'
import type { AppContext } from '../app/context.ts'
import { controlTasks } from '../app/control-tasks.ts'
import { readTask, readTasks } from '../app/read-executions.ts'
import { parsePageToken, renderPageToken } from './page-token.ts'
import { presentInvocation, presentTask } from './present-execution.ts'

const executionParams = z.object({ id: z.string().min(1).max(64) })
const taskParams = executionParams.extend({ instanceId: z.string().min(1).max(64) })
const tags = ['executions']

/** Task executions: one target each. */
export function registerTaskRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.get(
    '/api/v1/executions/:id/tasks',
    {
      config: { access: [{ action: 'oos:ListTaskExecutions', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'List the tasks of an execution, in batch order',
        params: executionParams,
        querystring: z.strictObject({ ...pageQuerySchema.shape, ...taskQuerySchema.shape }),
        response: { 200: pageOf(taskSchema) },
      },
    },
    async (request) => {
      const { maxResults, nextToken, ...filter } = request.query
      const afterOrdinal = parsePageToken(nextToken, ['number'])?.[0]
      const tasks = await readTasks(context, request.actor, request.params.id, {
        ...filter,
        afterOrdinal,
        limit: maxResults,
      })
      const last = tasks.length === maxResults ? tasks.at(-1) : undefined
      return { items: tasks.map(presentTask), ...(last ? { nextToken: renderPageToken([last.ordinal]) } : {}) }
    },
  )

  routes.get(
    '/api/v1/executions/:id/tasks/:instanceId',
    {
      config: { access: [{ action: 'oos:ListTaskExecutions', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Show the task of an instance with every attempt',
        params: taskParams,
        response: { 200: taskDetailSchema },
      },
    },
    async (request) => {
      const { task, invocations } = await readTask(context, request.actor, request.params.id, request.params.instanceId)
      return { ...presentTask(task), invocations: invocations.map(presentInvocation) }
    },
  )

  for (const [word, control] of [
    ['retry', 'retryTask'],
    ['skip', 'skipTask'],
    ['run', 'runTask'],
    ['cancel', 'cancelTask'],
  ] as const) {
    routes.post(
      `/api/v1/executions/:id/tasks/:instanceId/${word}`,
      {
        config: { access: [{ action: 'oos:NotifyExecution', on: 'execution/{params.id}' }] },
        schema: {
          tags,
          ...taskControlTexts[control],
          params: taskParams,
          response: { 200: taskSchema },
        },
      },
      async (request) => {
        const { id, instanceId } = request.params
        await controlTasks(context, request.actor, id, { instanceIds: [instanceId] }, control)
        return presentTask((await readTask(context, request.actor, id, instanceId)).task)
      },
    )
  }
}

const waiting = 'Only while the execution waits for a person (modes FailurePause and Debug).'
const taskControlTexts = {
  retryTask: { summary: 'Try a failed task again', description: waiting },
  skipTask: { summary: 'Pass a failed task over', description: waiting },
  runTask: { summary: 'Run the task next', description: 'Only in mode Debug, and one task at a time.' },
  cancelTask: {
    summary: 'Cancel one task',
    description: 'What is pending ends at once, what runs is told to stop; the execution goes on without it.',
  },
} as const
