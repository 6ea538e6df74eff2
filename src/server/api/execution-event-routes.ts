import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { isEnded } from '../../core/execution.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Actor, AppContext, WatchExecution } from '../app/context.ts'
import { readChangedTasks, readExecution } from '../app/read-executions.ts'
import { type EventStream, openEventStream } from './event-stream.ts'
import { presentExecution, presentTask } from './present-execution.ts'

export type EventRouteContext = AppContext & { readonly watchExecution: WatchExecution; readonly stopping: AbortSignal }

/** A stream says what changed at most this often; what changes meanwhile goes together. */
const pauseMs = 100
/** Even if every wake-up is lost, a stream looks this often. */
const lookEveryMs = 2_000
const tasksPerEvent = 500

/** Live updates of an execution by server-sent events; see protocol/api/executions.ts for the events. */
export function registerExecutionEventRoutes(api: FastifyInstance, context: EventRouteContext): void {
  api.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/executions/:id/events',
    {
      schema: {
        tags: ['executions'],
        summary: 'Follow an execution (server-sent events)',
        description:
          'Events: `execution` (the whole execution, at first and after changes), `tasks` (an array of tasks changed since), `end`. ' +
          'Without `after` every task that ever changed is sent; `Last-Event-ID` continues where a lost connection ended.',
        params: z.object({ id: z.string().min(1).max(64) }),
        querystring: z.strictObject({ after: z.coerce.number().int().min(0).optional() }),
      },
    },
    async (request, reply) => {
      const { actor, params, query, headers } = request
      // The first look answers "no such execution" before the stream begins.
      await readExecution(context, actor, params.id)
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
  const watch = context.watchExecution(id as Parameters<WatchExecution>[0])
  const pace = createPace(context.clock, watch, stream.signal)
  try {
    while (!stream.signal.aborted) {
      const view = await readExecution(context, actor, id)
      if (view.execution.revision !== sentRevision) {
        sentRevision = view.execution.revision
        await stream.send('execution', presentExecution(view), renderPlace(place))
        pace.said()
        place = await sendTasks(context, view.execution.id, place, stream)
        if (isEnded(view.execution.status)) return await stream.send('end', {}, renderPlace(place))
      }
      await pace.wait()
    }
  } finally {
    watch.close()
  }
}

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

export interface Pace {
  /** Until something changed; not sooner than the pause after what was said last. */
  wait(): Promise<void>
  /** Something was said to the peer now. */
  said(): void
}

/**
 * The first news is passed on at once; what comes within the pause after it goes together: a busy execution costs a stream ten events
 * a second at the most, a quiet one is told without delay.
 */
export function createPace(clock: Clock, watch: ReturnType<WatchExecution>, signal: AbortSignal): Pace {
  let saidAt = 0
  return {
    async wait() {
      const timer = new AbortController()
      const look = clock.setTimeout(() => timer.abort(), lookEveryMs)
      await watch.wait(AbortSignal.any([signal, timer.signal]))
      look.cancel()
      const pauseLeftMs = saidAt + pauseMs - clock.now()
      if (pauseLeftMs > 0) await clock.wait(pauseLeftMs, signal)
    },
    said() {
      saidAt = clock.now()
    },
  }
}
