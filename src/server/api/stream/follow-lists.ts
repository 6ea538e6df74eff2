import type { ListChange } from '../../../protocol/api/events.ts'
import { placeNow } from '../../../protocol/api/streams.ts'
import type { Actor, ListName } from '../../app/context.ts'
import { findOwnExecutions } from '../../app/execution/find-own-executions.ts'
import { createPace } from '../http/pace.ts'
import type { StreamContext, TopicStream } from './stream-context.ts'

/** A busy fleet costs a stream one event a second; a change that was lost with a server is found twice a minute. */
const times = { pauseMs: 1_000, lookEveryMs: 30_000 }
/** More than a page shows at once; beyond it, it asks for all it shows. */
const maxNamed = 100
/** Of all accounts together, between two events. */
const maxReceived = 1_000

const everything: ListChange = { executions: [], moreExecutions: true, instances: true, extensions: true }

/** What changed in the lists of an account: which to read again, not what is in them. */
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
      // Also after a look that found nothing: what other accounts do costs this stream one query a second.
      pace.said()
      await pace.wait()
    }
  } finally {
    watch.close()
  }
}

/** What concerns the account; undefined if nothing does. */
async function findChange(
  context: StreamContext,
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
