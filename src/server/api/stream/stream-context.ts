import type { AppContext, WatchAllChanges, WatchExecution } from '../../app/context.ts'
import type { EventStream } from './event-stream.ts'

export type StreamContext = AppContext & {
  readonly watchExecution: WatchExecution
  readonly watchAllChanges: WatchAllChanges
  readonly stopping: AbortSignal
}

/** Where the events of one topic go: a connection of its own, or one that it shares. */
export type TopicStream = Pick<EventStream, 'send' | 'signal'>
