import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import type { TaskStatus } from '../../../../core/execution/execution.ts'
import { taskDetailSchema, taskQuerySchema, taskSchema } from '../../../../protocol/api/executions.ts'
import { instantSchema, pageOf, pageQuerySchema } from '../../../../protocol/api/page.ts'
import type { AppContext } from '../../../app/context.ts'
import { controlTasks } from '../../../app/execution/control-tasks.ts'
import {
  readExecution,
  readStatus,
  readTask,
  readTaskPage,
  requireTask,
  type TaskOrder,
  type TaskPlace,
  type TaskRow,
} from '../../../app/execution/read-executions.ts'
import { parseFailureKey } from '../../../app/execution/read-failures.ts'
import { readTaskValues } from '../../../app/plan/shown-values.ts'
import { makePage } from '../../http/make-page.ts'
import { type PagePlace, parsePageToken } from '../../http/page-token.ts'
import { presentInvocation, presentTask, presentTaskValues } from '../../present/present-execution.ts'

const executionParams = z.object({ id: z.string().min(1).max(64) })
const taskParams = executionParams.extend({ instanceId: z.string().min(1).max(64) })
const tags = ['executions']

/** Task executions, one per target. */
export function registerTaskRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.get(
    '/api/v1/executions/:id/tasks',
    {
      config: { access: [{ action: 'oos:ListTaskExecutions', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'List the tasks of an execution',
        description: 'Sorted by batch unless `sort` is set.',
        params: executionParams,
        querystring: z.strictObject({ ...pageQuerySchema.shape, ...taskQuerySchema.shape }),
        response: { 200: pageOf(taskSchema) },
      },
    },
    async ({ actor, params: { id }, query: { maxResults, nextToken, status, failure, sort, ...selection } }) => {
      const order = parseSort(sort)
      await readStatus(context, actor, id)
      await requireTask(context, id, selection.instanceId)
      const rows = await readTaskPage(
        context,
        actor,
        id,
        {
          ...selection,
          statuses: status?.split(',') as TaskStatus[] | undefined,
          failure: failure === undefined ? undefined : parseFailureKey(failure),
        },
        { order, after: parsePlace(order, nextToken), limit: maxResults + 1 },
      )
      return makePage(rows, maxResults, (task) => placeOf(order, task), presentTask)
    },
  )

  routes.get(
    '/api/v1/executions/:id/tasks/:instanceId',
    {
      config: { access: [{ action: 'oos:ListTaskExecutions', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Get the task of an instance with every attempt',
        params: taskParams,
        response: { 200: taskDetailSchema },
      },
    },
    async (request) => {
      const { id, instanceId } = request.params
      const { execution } = await readExecution(context, request.actor, id)
      const { task, invocations } = await readTask(context, request.actor, id, instanceId)
      const values = await readTaskValues(context, execution, task)
      return {
        ...presentTask(task),
        parameters: values.map(presentTaskValues),
        invocations: invocations.map(presentInvocation),
      }
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

function parseSort(sort: string): TaskOrder {
  const ascending = !sort.startsWith('-')
  return { by: (ascending ? sort : sort.slice(1)) as TaskOrder['by'], ascending }
}

/** A task that has not ended has no instant; its position contains an empty one. */
function placeOf({ by }: TaskOrder, task: TaskRow): PagePlace {
  if (by === 'ended') return [task.ended_at?.toISOString() ?? '', task.ordinal]
  if (by === 'duration') return [durationOf(task), task.ordinal]
  return [task.ordinal]
}

const durationOf = ({ started_at: from, ended_at: to }: TaskRow) => (from && to ? to.getTime() - from.getTime() : -1)

function parsePlace({ by }: TaskOrder, token: string | undefined): TaskPlace | undefined {
  if (by === 'ended') {
    const place = parsePageToken(token, ['string', 'number'])
    return place && { key: parseEnd(place[0]), ordinal: place[1] }
  }
  const place = by === 'duration' ? parsePageToken(token, ['number', 'number']) : parsePageToken(token, ['number'])
  return place && { key: place.length > 1 ? place[0] : undefined, ordinal: place.at(-1) as number }
}

function parseEnd(text: string): Date | undefined {
  if (text === '') return undefined
  if (instantSchema.safeParse(text).success) return new Date(text)
  throw chandlerError('RequestInvalid', { reason: 'nextToken is not one that this list gave' })
}

const waiting = 'Only while the execution waits for a user (modes FailurePause and Debug).'
const taskControlTexts = {
  retryTask: { summary: 'Retry a failed task', description: waiting },
  skipTask: { summary: 'Skip a failed task', description: waiting },
  runTask: { summary: 'Run the task next', description: 'Only in Debug mode, one task at a time.' },
  cancelTask: {
    summary: 'Cancel one task',
    description: 'A pending task ends immediately, a running task is stopped. The execution continues without it.',
  },
} as const
