import { renderTopic, type Topic } from '../protocol/api/streams.ts'
import type { ServerEvent } from './event-parser.ts'
import { connectEvents } from './event-stream.ts'
import type { Transport } from './transport.ts'

/** The server sends something every 15 s; 5 s of tolerance. */
export const maxSilenceMs = 20_000

/**
 * One connection for the events of several topics; see GET /streams. Ends when all topics have
 * ended, throws when the connection is lost.
 */
export const openStreams = (
  transport: Transport,
  topics: readonly Topic[],
  signal: AbortSignal,
): AsyncGenerator<ServerEvent | 'open' | 'alive', void> =>
  connectEvents(transport, '/streams', { query: { topic: topics.map(renderTopic) }, headers: {}, signal, maxSilenceMs })
