import type { ListChange } from '../../../protocol/api/events.ts'
import { placeNow } from '../../../protocol/api/streams.ts'
import type { Actor, ListName } from '../../app/context.ts'
import { findOwnExecutions } from '../../app/execution/find-own-executions.ts'
import { createPace } from '../http/pace.ts'
import type { StreamContext, TopicStream } from './stream-context.ts'

/**
 * A busy fleet causes one event per second; polling finds a change that was lost with a server
 * within 30 s.
 */
const times = { pauseMs: 1_000, lookEveryMs: 30_000 }
/** More ids than a page shows; beyond it the event names the whole list. */
const maxNamed = 100
/** Limit of buffered changes between two events, of all accounts together. */
const maxReceived = 1_000

const everything: ListChange = { executions: [], moreExecutions: true, instances: true, extensions: true }

/** Streams which lists of an account changed, for clients to read again; contains no rows. */
export async function streamLists(
  context: StreamContext,
  actor: Actor,
  { place, stream }: { readonly place: string | undefined; readonly stream: TopicStream },
): Promise<void> {
  const { clock } = context
  const watch = context.watchAllChanges(maxReceived)
  const pace = createPace(clock, watch, stream.signal, times)
  let saidAllAt = place === placeNow ? clock.monotonicMs() : Number.NEGATIVE_INFINITY
  try {
    while (!stream.signal.aborted) {
      const isDue = clock.monotonicMs() - saidAllAt >= times.lookEveryMs
      const received = watch.take()
      const change = isDue ? everything : await findChange(context, actor, received)
      if (isDue) saidAllAt = clock.monotonicMs()
      if (change) await stream.send('changed', change)
      // Also after a poll without results: changes of other accounts cost this stream at most one
      // query per second.
      pace.sent()
      await pace.wait()
    }
  } finally {
    watch.close()
  }
}

/** The changes that concern the account; undefined if there are none. */
async function findChange(
  context: StreamContext,
  actor: Actor,
  { keys, isComplete }: { readonly keys: readonly string[]; readonly isComplete: boolean },
): Promise<ListChange | undefined> {
  if (!isComplete) return everything
  const changed = new Set(keys)
  const has = (list: ListName) => changed.has(`${list}/${actor.accountId}`)
  const own = await findOwnExecutions(
    context,
    actor,
    [...changed].filter((key) => !key.includes('/')),
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
