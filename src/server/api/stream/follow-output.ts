import { isEnded } from '../../../core/execution/execution.ts'
import type { Actor, WatchExecution } from '../../app/context.ts'
import { readNewOutput, readStatus } from '../../app/execution/read-executions.ts'
import { createPace } from '../http/pace.ts'
import { presentOutput } from '../present/present-execution.ts'
import { createOutputPlace } from './output-place.ts'
import type { StreamContext, TopicStream } from './stream-context.ts'

/**
 * Extra time range of the query for ended invocations: an end is committed shortly after its
 * timestamp.
 */
const lateMs = 30_000

/**
 * Streams the script output of an execution until it has ended; see GET
 * /executions/{id}/output/follow.
 */
export async function streamOutput(
  context: StreamContext,
  actor: Actor,
  {
    id,
    instanceId,
    place: from,
    stream,
  }: {
    readonly id: string
    readonly instanceId: string | undefined
    readonly place: string | undefined
    readonly stream: TopicStream
  },
): Promise<void> {
  const place = createOutputPlace(from)
  const seen = place.seen()
  const executionId = id as Parameters<WatchExecution>[0]
  const { clock } = context
  const watch = context.watchExecution(executionId)
  const pace = createPace(clock, watch, stream.signal)
  let lookedAt: number | undefined

  async function sendNew(): Promise<void> {
    const startedAt = clock.monotonicMs()
    // All invocations that ended since the last poll began, however slow the reader was.
    const endedWithinMs = lookedAt === undefined ? undefined : startedAt - lookedAt + lateMs
    for await (const rows of readNewOutput(context, executionId, { instanceId, seen, endedWithinMs })) {
      place.add(rows)
      await stream.send('output', rows.map(presentOutput), place.render())
      if (stream.signal.aborted) return
      pace.sent()
    }
    lookedAt = startedAt
  }

  try {
    while (!stream.signal.aborted) {
      // Output first, because it should not wait for the other query.
      await sendNew()
      if (isEnded(await readStatus(context, actor, id))) {
        // A query after the end finds all output before it.
        await sendNew()
        return await stream.send('end', {}, place.render())
      }
      await pace.wait()
    }
  } finally {
    watch.close()
  }
}
