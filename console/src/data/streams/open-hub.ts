import { openStreams } from '../../../../src/client/streams.ts'
import { createTransport } from '../../../../src/client/transport.ts'
import { createStreamHub, type StreamHub } from './stream-hub.ts'

/** A hub with the session of the browser. Runs in a worker, or in a tab if there are no workers. */
export function openHub(): StreamHub {
  const transport = createTransport({ server: location.origin, session: true })
  return createStreamHub({
    open: (topics, signal) => openStreams(transport, topics, signal),
    now: () => performance.now(),
    setTimer(run, delayMs) {
      const timer = setTimeout(run, delayMs)
      return () => clearTimeout(timer)
    },
  })
}
