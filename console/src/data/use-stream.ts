import { useEffect, useRef } from 'react'
import type { Client } from '../../../src/client/client.ts'
import { ClientError } from '../../../src/client/client-error.ts'
import type { FollowOptions } from '../../../src/client/event-stream.ts'
import { useConsoleData } from './console-data.tsx'

/**
 * Follows a stream of events while the component is there, over the connection that all tabs share; the shell shows when it is lost. The key names what is followed; absent:
 * nothing. Changes come often: gather them and draw once a frame.
 */
export function useStream<Event>(
  key: string | undefined,
  open: (client: Client, options: FollowOptions) => AsyncIterable<Event>,
  onEvent: (event: Event) => void,
): void {
  const { clientFor, followTopic, queries } = useConsoleData()
  const latest = useRef({ open, onEvent })
  useEffect(() => {
    latest.current = { open, onEvent }
  })
  useEffect(() => {
    if (key === undefined) return
    const stop = new AbortController()
    const options = { signal: stop.signal, source: followTopic }
    const follow = async () => {
      try {
        for await (const event of latest.current.open(clientFor(), options)) latest.current.onEvent(event)
      } catch (error) {
        // A refusal: the queries of the page meet it, too, and say so; all of them when the session has ended.
        if (!(error instanceof ClientError)) throw error
        queries.refresh(error.status === 401 ? undefined : key)
      }
    }
    void follow()
    return () => stop.abort()
  }, [key, clientFor, followTopic, queries])
}
