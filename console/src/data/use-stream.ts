import { useEffect, useRef } from 'react'
import type { Client } from '../../../src/client/client.ts'
import { ClientError } from '../../../src/client/client-error.ts'
import type { FollowOptions } from '../../../src/client/event-stream.ts'
import { useConsoleData } from './console-data.tsx'

/** A person may leave a page open for days: it waits for the server as long as that. */
const patienceMs = Number.POSITIVE_INFINITY

/**
 * Follows a stream of events while the component is there, over lost connections, which the shell shows. The key names what is followed; absent:
 * nothing. Changes come often: gather them and draw once a frame.
 */
export function useStream<Event>(
  key: string | undefined,
  open: (client: Client, options: FollowOptions) => AsyncIterable<Event>,
  onEvent: (event: Event) => void,
): void {
  const { clientFor, connection, queries } = useConsoleData()
  const latest = useRef({ open, onEvent })
  useEffect(() => {
    latest.current = { open, onEvent }
  })
  useEffect(() => {
    if (key === undefined) return
    const stop = new AbortController()
    const options = {
      signal: stop.signal,
      giveUpAfterMs: patienceMs,
      onLost: () => connection.lost(stop),
      onBack: () => connection.back(stop),
    }
    const follow = async () => {
      try {
        for await (const event of latest.current.open(clientFor(), options)) latest.current.onEvent(event)
      } catch (error) {
        // A refusal (it was deleted, the session ended): the queries of the page meet it, too, and say so.
        if (!(error instanceof ClientError)) throw error
        // The server ends the streams of a session that ended: whatever the page shows, it is asked again, and signs out.
        queries.refresh(error.status === 401 ? undefined : key)
      }
    }
    void follow()
    return () => {
      stop.abort()
      connection.back(stop)
    }
  }, [key, clientFor, connection, queries])
}
