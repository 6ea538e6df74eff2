import { useEffect, useRef } from 'react'
import type { Client } from '../../../src/client/client.ts'
import { ClientError } from '../../../src/client/client-error.ts'
import type { FollowOptions } from '../../../src/client/event-stream.ts'
import { useConsoleData } from './console-data.tsx'

/**
 * Follows an event stream while the component is mounted, over the connection shared by all tabs;
 * the shell displays connection losses. `key` names the topic; undefined: none. Events are
 * frequent: batch them per frame.
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
        // The queries of the page receive the same error and display it; all of them do after the
        // session ended.
        if (!(error instanceof ClientError)) throw error
        queries.refresh(error.status === 401 ? undefined : key)
      }
    }
    void follow()
    return () => stop.abort()
  }, [key, clientFor, followTopic, queries])
}
