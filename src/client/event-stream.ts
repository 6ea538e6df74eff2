import type { Topic } from '../protocol/api/streams.ts'
import { chunksOf } from './byte-stream.ts'
import { ClientError, UnreachableError } from './client-error.ts'
import { createEventParser, type ServerEvent } from './event-parser.ts'
import type { QueryParameters, Transport } from './transport.ts'

export interface FollowOptions {
  readonly signal?: AbortSignal | undefined
  /** Told when the connection is lost (with the reason) and will be tried again. */
  readonly onLost?: (error: ClientError) => void
  /** Told when it is there again. */
  readonly onBack?: () => void
  /** How long the server may be away before following ends with UnreachableError. */
  readonly retryTimeoutMs?: number
  /** Where events come from, if not over a connection of their own. */
  readonly source?: EventSource
}

/** Events of a topic from its place on, over lost connections, until its event `end`. Throws ClientError where it is refused. */
export type EventSource = (topic: Topic, signal: AbortSignal | undefined) => AsyncIterable<ServerEvent>

/** A server that restarts is back long before; a laptop that slept, too. */
const defaultRetryTimeoutMs = 5 * 60_000
const firstDelayMs = 200
const maxDelayMs = 5_000
/** The server sends something at least every 15 s; a connection silent for this long is dead, though TCP may not know. */
const maxSilenceMs = 60_000

/**
 * Follows a stream of server-sent events until its event `end`, over every lost connection: it connects again with `Last-Event-ID`,
 * so that nothing is missed. A refusal (no such execution, wrong key) ends it with that ClientError.
 */
export async function* followEvents(
  transport: Transport,
  path: string,
  query: QueryParameters,
  options: FollowOptions = {},
): AsyncGenerator<ServerEvent, void> {
  const { signal, onLost, onBack, retryTimeoutMs = defaultRetryTimeoutMs } = options
  let lastId: string | undefined
  let lostAt: number | undefined
  let attempt = 0
  for (;;) {
    try {
      const headers = lastId === undefined ? {} : { 'last-event-id': lastId }
      // Where to begin is asked once; afterwards the last event says it.
      const where = lastId === undefined ? query : { ...query, after: undefined }
      for await (const event of connectEvents(transport, path, { query: where, headers, signal, maxSilenceMs })) {
        if (lostAt !== undefined) onBack?.()
        lostAt = undefined
        attempt = 0
        if (event === 'open' || event === 'alive') continue
        lastId = event.id ?? lastId
        yield event
        if (event.name === 'end') return
      }
      throw new UnreachableError(transport.server, new Error('the stream ended early'))
    } catch (error) {
      if (signal?.aborted) return
      if (!(error instanceof ClientError) || !mayPass(error)) throw error
      if (lostAt === undefined) onLost?.(error)
      lostAt ??= performance.now()
      if (performance.now() - lostAt >= retryTimeoutMs) throw error
    }
    await wait(Math.min(maxDelayMs, firstDelayMs * 2 ** attempt++) * (0.5 + Math.random() / 2), signal)
    if (signal?.aborted) return
  }
}

/** A server that cannot be reached or is starting; anything else is a refusal. */
export const mayPass = (error: ClientError): boolean =>
  error instanceof UnreachableError || [502, 503, 504].includes(error.status)

/** The events of one connection. Says `open` when it is, and `alive` for everything that arrives. */
export async function* connectEvents(
  transport: Transport,
  path: string,
  {
    query,
    headers,
    signal,
    maxSilenceMs: silenceMs,
  }: {
    readonly query: QueryParameters
    readonly headers: Readonly<Record<string, string>>
    readonly signal: AbortSignal | undefined
    readonly maxSilenceMs: number
  },
): AsyncGenerator<ServerEvent | 'open' | 'alive', void> {
  const silence = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const received = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(new Error('the connection fell silent')), silenceMs)
  }
  const either = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal
  try {
    received()
    const all = { accept: 'text/event-stream', ...headers }
    const response = await transport.open(path, { query, signal: either, headers: all })
    yield 'open'
    if (response.body === null) return
    const parse = createEventParser()
    const decoder = new TextDecoder()
    for await (const chunk of chunksOf(response.body)) {
      received()
      yield 'alive'
      yield* parse(decoder.decode(chunk, { stream: true }))
    }
  } catch (error) {
    if (error instanceof ClientError || signal?.aborted) throw error
    throw new UnreachableError(transport.server, silence.signal.aborted ? silence.signal.reason : error)
  } finally {
    clearTimeout(timer)
  }
}

const wait = (delayMs: number, signal: AbortSignal | undefined) =>
  new Promise<void>((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, delayMs)
    signal?.addEventListener('abort', finish)
  })
