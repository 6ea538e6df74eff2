import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { ListChange } from '../../protocol/api/events.ts'
import type { Actor, ListName } from '../app/context.ts'
import { findOwnExecutions } from '../app/find-own-executions.ts'
import { type EventStream, openEventStream } from './event-stream.ts'
import type { EventRouteContext } from './execution-event-routes.ts'
import { createPace } from './pace.ts'

/** A busy fleet costs a stream one event a second; and what nobody was told of (a server that died) is asked for twice a minute. */
const times = { pauseMs: 1_000, lookEveryMs: 30_000 }
/** More than a page shows at once; beyond it, it asks for all it shows. */
const maxNamed = 100
/** Of all accounts together, between two events. */
const maxHeard = 1_000

const everything: ListChange = { executions: [], moreExecutions: true, instances: true, extensions: true }

/** What changed in the lists of an account, for whoever shows them: says which to ask for again, not what is in them. */
export function registerEventRoutes(api: FastifyInstance, context: EventRouteContext): void {
  api.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/events',
    {
      // It does not end, and HEAD would wait for its end.
      exposeHeadRoute: false,
      // Ids and nothing of what they stand for.
      config: { access: 'any-user' },
      schema: {
        tags: ['events'],
        summary: 'Follow what changes in lists (server-sent events)',
        description:
          'Event `changed`: `{"executions": [ids], "moreExecutions": bool, "instances": bool, "extensions": bool}`, at most once a second. ' +
          'The first one of a connection, and one every half minute, names everything: whoever was away asks again.',
      },
    },
    async (request, reply) => {
      const stream = openEventStream(request, reply, context.stopping)
      await followLists(context, request.actor, stream).catch((error) =>
        context.log.warn('an event stream broke off', { error: String(error) }),
      )
      stream.end()
    },
  )
}

async function followLists(context: EventRouteContext, actor: Actor, stream: EventStream): Promise<void> {
  const { clock } = context
  const watch = context.watchAllChanges(maxHeard)
  const pace = createPace(clock, watch, stream.signal, times)
  let saidAllAt = Number.NEGATIVE_INFINITY
  try {
    while (!stream.signal.aborted) {
      const isDue = clock.monotonicMs() - saidAllAt >= times.lookEveryMs
      const heard = watch.take()
      const change = isDue ? everything : await findChange(context, actor, heard)
      if (isDue) saidAllAt = clock.monotonicMs()
      if (change) await stream.send('changed', change)
      // Also after a look that found nothing: what other accounts do costs this stream one question a second.
      pace.said()
      await pace.wait()
    }
  } finally {
    watch.close()
  }
}

/** What concerns the account; undefined if nothing does. */
async function findChange(
  context: EventRouteContext,
  actor: Actor,
  { keys, isComplete }: { readonly keys: readonly string[]; readonly isComplete: boolean },
): Promise<ListChange | undefined> {
  if (!isComplete) return everything
  const said = new Set(keys)
  const has = (list: ListName) => said.has(`${list}/${actor.accountId}`)
  const own = await findOwnExecutions(
    context,
    actor,
    [...said].filter((key) => !key.includes('/')),
  )
  const change = {
    executions: own.slice(0, maxNamed),
    moreExecutions: own.length > maxNamed || has('executions'),
    instances: has('instances'),
    extensions: has('extensions'),
  }
  const isNews = own.length > 0 || change.moreExecutions || change.instances || change.extensions
  return isNews ? change : undefined
}
