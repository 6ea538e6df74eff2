import { type ListChange, listChangeSchema } from '../protocol/api/events.ts'
import {
  batchesSchema,
  type ExecutionView,
  executionChangeSchema,
  executionSchema,
  type OutputChunk,
  outputChunkSchema,
  type TaskView,
  taskSchema,
} from '../protocol/api/executions.ts'
import type { Topic } from '../protocol/api/streams.ts'
import type { ServerEvent } from './event-parser.ts'
import { type FollowOptions, followEvents } from './event-stream.ts'
import { parseAnswer, pathOf, type Transport } from './transport.ts'

export type ExecutionEvent =
  | { readonly kind: 'execution'; readonly execution: ExecutionView }
  | { readonly kind: 'tasks'; readonly tasks: readonly TaskView[] }

const tasksSchema = taskSchema.array()
const chunksSchema = outputChunkSchema.array()

export type FollowExecutionOptions = FollowOptions & {
  /** Continue after this revision. */
  readonly after?: number
  /** The execution as it was read before; it is read if it is absent. */
  readonly known?: ExecutionView
}

/**
 * See GET /executions/{id}/events in protocol/api/executions.ts. The stream repeats neither targets, which never change, nor
 * batches that did not: here they are put together. Events of a name this client does not know are passed over.
 */
export async function* followExecution(
  transport: Transport,
  id: string,
  options: FollowExecutionOptions,
): AsyncGenerator<ExecutionEvent, void> {
  const path = pathOf`/executions/${id}/events`
  let known = options.known
  for await (const { name, data } of eventsOf(
    transport,
    { kind: 'execution', id, place: options.after?.toString() },
    options,
  )) {
    switch (name) {
      case 'batches': {
        const changed = new Map(parseAnswer(path, data, batchesSchema).map((batch) => [batch.number, batch]))
        known ??= await transport.request('GET', pathOf`/executions/${id}`, executionSchema, { signal: options.signal })
        known = { ...known, batches: known.batches.map((batch) => changed.get(batch.number) ?? batch) }
        break
      }
      case 'execution': {
        const change = parseAnswer(path, data, executionChangeSchema)
        known ??= await transport.request('GET', pathOf`/executions/${id}`, executionSchema, { signal: options.signal })
        // What was requested is not repeated either.
        known = { ...known, ...change, rateControl: { ...known.rateControl, ...change.rateControl } }
        yield { kind: 'execution', execution: known }
        break
      }
      case 'tasks':
        yield { kind: 'tasks', tasks: parseAnswer(path, data, tasksSchema) }
        break
      default:
    }
  }
}

/** A connection that was lost begins at the first byte again: what was said before is left out. */
export async function* followOutput(
  transport: Transport,
  id: string,
  options: FollowOptions & { readonly instanceId?: string | undefined },
): AsyncGenerator<readonly OutputChunk[], void> {
  const path = pathOf`/executions/${id}/output/follow`
  const topic = { kind: 'output' as const, id, instanceId: options.instanceId }
  const lastOffsets = new Map<string, number>()
  const isNew = ({ invocationId, stream, offset }: OutputChunk) => {
    const key = `${invocationId} ${stream}`
    if (offset <= (lastOffsets.get(key) ?? -1)) return false
    lastOffsets.set(key, offset)
    return true
  }
  for await (const { name, data } of eventsOf(transport, topic, options)) {
    if (name !== 'output') continue
    const chunks = parseAnswer(path, data, chunksSchema).filter((chunk) => isNew(chunk))
    if (chunks.length > 0) yield chunks
  }
}

/**
 * What changed in the lists of the account, without end. The first of every connection names everything, so that whoever was away
 * asks again; see protocol/api/events.ts.
 */
export async function* followLists(transport: Transport, options: FollowOptions): AsyncGenerator<ListChange, void> {
  for await (const { name, data } of eventsOf(transport, { kind: 'lists' }, options))
    if (name === 'changed') yield parseAnswer('/events', data, listChangeSchema)
}

/** The route of each topic, where it has a connection of its own. */
function eventsOf(transport: Transport, topic: Topic, options: FollowOptions): AsyncIterable<ServerEvent> {
  if (options.source) return options.source(topic, options.signal)
  switch (topic.kind) {
    case 'lists':
      return followEvents(transport, '/events', {}, options)
    case 'execution':
      return followEvents(transport, pathOf`/executions/${topic.id}/events`, { after: topic.place }, options)
    case 'output': {
      const query = { instanceId: topic.instanceId }
      return followEvents(transport, pathOf`/executions/${topic.id}/output/follow`, query, options)
    }
  }
}
