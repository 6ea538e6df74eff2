import type { AppContext, WatchAllChanges, WatchExecution } from '../../app/context.ts'
import type { EventStream } from './event-stream.ts'

export type StreamContext = AppContext & {
  readonly watchExecution: WatchExecution
  readonly watchAllChanges: WatchAllChanges
  readonly stopping: AbortSignal
}

/** The output of one topic's events: a connection of its own, or a shared one. */
export type TopicStream = Pick<EventStream, 'send' | 'signal'>
