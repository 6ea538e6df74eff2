import { openStreams } from '../../../../src/client/streams.ts'
import { createTransport } from '../../../../src/client/transport.ts'
import { createStreamHub, type StreamHub } from './stream-hub.ts'

/** The hub as the user whose session the browser has. Runs in a worker, and in a tab where there is no worker. */
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
