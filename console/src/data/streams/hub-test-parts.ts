/** Test doubles for hubs: a clock and connections that the test controls. */
import type { ClientError } from '../../../../src/client/client-error.ts'
import type { ServerEvent } from '../../../../src/client/event-parser.ts'
import { renderTopic, type Topic } from '../../../../src/protocol/api/streams.ts'

/** A connection from the server's point of view. */
export interface TestConnection {
  readonly topics: readonly string[]
  readonly signal: AbortSignal
  send(event: ServerEvent | 'open'): Promise<void>
  fail(error: ClientError): Promise<void>
}

/** Delivers pending messages. */
export const settle = () =>
  new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage('')
  })

/** A clock that the test advances. */
export function createTestClock() {
  let now = 0
  const timers = new Map<() => void, number>()
  return {
    now: () => now,
    setTimer(run: () => void, delayMs: number) {
      const timer = () => run()
      timers.set(timer, now + delayMs)
      return () => void timers.delete(timer)
    },
    async advance(ms: number) {
      const end = now + ms
      for (;;) {
        const [timer, at] = [...timers].toSorted(([, a], [, b]) => a - b)[0] ?? []
        if (!timer || at === undefined || at > end) break
        now = at
        timers.delete(timer)
        timer()
        await settle()
      }
      now = end
      await settle()
    },
  }
}

/** Opens connections that the test drives, and records each of them. */
export const createOpener =
  (connections: TestConnection[]) =>
  (topics: readonly Topic[], signal: AbortSignal): AsyncIterable<ServerEvent | 'open'> => {
    let controller!: ReadableStreamDefaultController<ServerEvent | 'open'>
    const stream = new ReadableStream<ServerEvent | 'open'>({ start: (given) => void (controller = given) })
    signal.addEventListener('abort', () => controller.error(new DOMException('', 'AbortError')))
    connections.push({
      topics: topics.map(renderTopic),
      signal,
      send: async (event) => {
        controller.enqueue(event)
        await settle()
      },
      fail: async (error) => {
        controller.error(error)
        await settle()
      },
    })
    return stream
  }
