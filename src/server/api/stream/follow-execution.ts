import { isEnded } from '../../../core/execution/execution.ts'
import type { BatchView } from '../../../protocol/api/executions.ts'
import type { Actor, WatchExecution } from '../../app/context.ts'
import { readChangedTasks, readExecutionSummary } from '../../app/execution/read-executions.ts'
import { createPace } from '../http/pace.ts'
import { presentBatches, presentChange, presentTask } from '../present/present-execution.ts'
import type { StreamContext, TopicStream } from './stream-context.ts'

const tasksPerEvent = 500
const batchesPerEvent = 100

interface Place {
  readonly revision: number
  readonly ordinal: number
}

/** Parses `12` or, in the middle of the changes of one revision, `12-40`. */
function parsePlace(text: string | undefined): Place {
  const match = /^(\d{1,15})(?:-(\d{1,9}))?$/.exec(text ?? '')
  return { revision: Number(match?.[1] ?? 1), ordinal: Number(match?.[2] ?? 2 ** 31 - 1) }
}

const renderPlace = ({ revision, ordinal }: Place) => `${revision}-${ordinal}`

/** Streams the changes of an execution until it has ended; see GET /executions/{id}/events. */
export async function streamExecution(
  context: StreamContext,
  actor: Actor,
  {
    id,
    place: from,
    stream,
  }: { readonly id: string; readonly place: string | undefined; readonly stream: TopicStream },
): Promise<void> {
  let place = parsePlace(from)
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
        pace.sent()
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
  context: StreamContext,
  id: Parameters<WatchExecution>[0],
  from: Place,
  stream: TopicStream,
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
