import type { Topic } from '../protocol/api/streams.ts'
import { chunksOf } from './byte-stream.ts'
import { ClientError, UnreachableError } from './client-error.ts'
import { createEventParser, type ServerEvent } from './event-parser.ts'
import type { QueryParameters, Transport } from './transport.ts'

export interface FollowOptions {
  readonly signal?: AbortSignal | undefined
  /** Called when the connection is lost, with the reason, before the retry. */
  readonly onLost?: (error: ClientError) => void
  /** Called when the connection is open again. */
  readonly onBack?: () => void
  /** After the server was unreachable for so long, following ends with UnreachableError. */
  readonly retryTimeoutMs?: number
  /** Source of the events; default: a connection of its own. */
  readonly source?: EventSource
}

/**
 * Events of a topic from its cursor until its event `end`; reconnects. Throws ClientError when the
 * server refuses.
 */
export type EventSource = (topic: Topic, signal: AbortSignal | undefined) => AsyncIterable<ServerEvent>

/** Longer than a restart of the server and than the sleep of a laptop. */
const defaultRetryTimeoutMs = 5 * 60_000
const firstDelayMs = 200
const maxDelayMs = 5_000
/**
 * The server sends something at least every 15 s: a connection that is silent for longer is dead,
 * even if TCP has not noticed.
 */
const maxSilenceMs = 60_000

/**
 * Follows a stream of server-sent events until its event `end`. It reconnects with `Last-Event-ID`,
 * so no event is missed. A refusal (no such execution, wrong key) ends it with that ClientError.
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
      // The first cursor comes from the caller; later ones are ids of events.
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
    await wait(delayBefore(attempt++), signal)
    if (signal?.aborted) return
  }
}

const delayBefore = (attempt: number) => Math.min(maxDelayMs, firstDelayMs * 2 ** attempt) * (0.5 + Math.random() / 2)

/**
 * Repeats a read that belongs to a followed stream while the server is unreachable or starting, as
 * the stream itself reconnects. Throws any other error of the read.
 */
export async function readWhileFollowing<Result>(
  read: () => Promise<Result>,
  { signal, retryTimeoutMs = defaultRetryTimeoutMs }: Pick<FollowOptions, 'signal' | 'retryTimeoutMs'>,
): Promise<Result> {
  const startedAt = performance.now()
  for (let attempt = 0; ; attempt++) {
    try {
      return await read()
    } catch (error) {
      if (signal?.aborted || !(error instanceof ClientError) || !mayPass(error)) throw error
      if (performance.now() - startedAt >= retryTimeoutMs) throw error
    }
    await wait(delayBefore(attempt), signal)
  }
}

/** The server is unreachable or starting; any other error is a refusal. */
export const mayPass = (error: ClientError): boolean =>
  error instanceof UnreachableError || [502, 503, 504].includes(error.status)

/**
 * The events of one connection. Calls `open` when it is open, and `alive` for all bytes that
 * arrive.
 */
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
