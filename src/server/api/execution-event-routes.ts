import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { isEnded } from '../../core/execution.ts'
import type { BatchView } from '../../protocol/api/executions.ts'
import type { Actor, AppContext, WatchAllChanges, WatchExecution } from '../app/context.ts'
import { readChangedTasks, readExecutionSummary, readStatus } from '../app/read-executions.ts'
import { type EventStream, openEventStream } from './event-stream.ts'
import { createPace } from './pace.ts'
import { presentBatches, presentChange, presentTask } from './present-execution.ts'

export type EventRouteContext = AppContext & {
  readonly watchExecution: WatchExecution
  readonly watchAllChanges: WatchAllChanges
  readonly stopping: AbortSignal
}

const tasksPerEvent = 500
const batchesPerEvent = 100

/** Live updates of an execution by server-sent events; see protocol/api/executions.ts for the events. */
export function registerExecutionEventRoutes(api: FastifyInstance, context: EventRouteContext): void {
  api.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/executions/:id/events',
    {
      // It does not end, and HEAD would wait for its end.
      exposeHeadRoute: false,
      config: {
        access: [
          { action: 'oos:ListExecutions', on: 'execution/{params.id}' },
          { action: 'oos:ListTaskExecutions', on: 'execution/{params.id}' },
        ],
      },
      schema: {
        tags: ['executions'],
        summary: 'Follow an execution (server-sent events)',
        description:
          'Events: `batches` (batches that changed, at first all), `execution` (all of it but targets and batches, at first and after ' +
          'changes), `tasks` (an array of tasks changed since), `end`. ' +
          'Without `after` every task that ever changed is sent; `Last-Event-ID` continues where a lost connection ended.',
        params: z.object({ id: z.string().min(1).max(64) }),
        querystring: z.strictObject({ after: z.coerce.number().int().min(0).optional() }),
      },
    },
    async (request, reply) => {
      const { actor, params, query, headers } = request
      // The first look answers "no such execution" before the stream begins.
      await readStatus(context, actor, params.id)
      const place = parsePlace(String(headers['last-event-id'] ?? query.after ?? '1'))
      const stream = openEventStream(request, reply, context.stopping)
      await followExecution(context, actor, params.id, place, stream).catch((error) =>
        context.log.warn('an event stream broke off', { executionId: params.id, error: String(error) }),
      )
      stream.end()
    },
  )
}

interface Place {
  readonly revision: number
  readonly ordinal: number
}

/** `12` or, in the middle of the changes of one revision, `12-40`. */
function parsePlace(text: string): Place {
  const match = /^(\d{1,15})(?:-(\d{1,9}))?$/.exec(text)
  return { revision: Number(match?.[1] ?? 1), ordinal: Number(match?.[2] ?? 2 ** 31 - 1) }
}

const renderPlace = ({ revision, ordinal }: Place) => `${revision}-${ordinal}`

async function followExecution(
  context: EventRouteContext,
  actor: Actor,
  id: string,
  from: Place,
  stream: EventStream,
): Promise<void> {
  let place = from
  let sentRevision: number | undefined
  const sentBatches = new Map<number, BatchView>()
  const watch = context.watchExecution(id as Parameters<WatchExecution>[0])
  const pace = createPace(context.clock, watch, stream.signal)
  try {
    while (!stream.signal.aborted) {
      const summary = await readExecutionSummary(context, actor, id)
      if (summary.execution.revision !== sentRevision) {
        sentRevision = summary.execution.revision
        const changed = presentBatches(summary).filter((batch) => !isSame(batch, sentBatches.get(batch.number)))
        for (let first = 0; first < changed.length; first += batchesPerEvent)
          await stream.send('batches', changed.slice(first, first + batchesPerEvent), renderPlace(place))
        for (const batch of changed) sentBatches.set(batch.number, batch)
        await stream.send('execution', presentChange(summary), renderPlace(place))
        pace.said()
        place = await sendTasks(context, summary.execution.id, place, stream)
        if (isEnded(summary.execution.status)) return await stream.send('end', {}, renderPlace(place))
      }
      await pace.wait()
    }
  } finally {
    watch.close()
  }
}

const isSame = (batch: BatchView, sent: BatchView | undefined) =>
  sent !== undefined && Object.entries(batch).every(([name, count]) => sent[name as keyof BatchView] === count)

async function sendTasks(
  context: EventRouteContext,
  id: Parameters<WatchExecution>[0],
  from: Place,
  stream: EventStream,
): Promise<Place> {
  let place = from
  for (;;) {
    const tasks = await readChangedTasks(context, id, place, tasksPerEvent)
    const last = tasks.at(-1)
    if (!last || stream.signal.aborted) return place
    place = { revision: last.revision, ordinal: last.ordinal }
    await stream.send('tasks', tasks.map(presentTask), renderPlace(place))
  }
}
