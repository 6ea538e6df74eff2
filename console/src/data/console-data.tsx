import { createContext, type ReactNode, use, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { type Client, createClient } from '../../../src/client/client.ts'
import type { EventSource } from '../../../src/client/event-stream.ts'
import { createConnection, type ServerConnection, type ServerConnectionState } from './connection.ts'
import { createPermissionChecks, type PermissionChecks } from './permission-checks.ts'
import { createQueryStore, type QueryStore } from './query-store.ts'
import { attachHub } from './streams/attach-hub.ts'
import { createTabStreams, type TabStreams } from './streams/tab-streams.ts'

interface ConsoleData {
  /** API client with the user's session. An abort of the signal cancels all its requests. */
  readonly clientFor: (signal?: AbortSignal) => Client
  readonly queries: QueryStore
  readonly connection: ServerConnection
  /** Server events, over the connection shared by all tabs. */
  readonly followTopic: EventSource
  /** What the user may do; for buttons and menus. */
  readonly permissionChecks: PermissionChecks
}

const Context = createContext<ConsoleData | undefined>(undefined)

export function ConsoleDataProvider({
  onSignedOut,
  children,
}: {
  readonly onSignedOut: () => void
  readonly children: ReactNode
}) {
  const [connection] = useState(() => createConnection())
  const [streams] = useState(() => openStreams(connection))
  const data = useMemo(
    () => ({
      clientFor: (signal?: AbortSignal) => createClient({ server: location.origin, session: true, signal }),
      queries: createQueryStore({ connection, onSignedOut }),
      connection,
      followTopic: streams.follow,
      permissionChecks: createPermissionChecks(async (checks) => {
        const client = createClient({ server: location.origin, session: true })
        return (await client.permissions.check(checks)).results
      }),
    }),
    [connection, onSignedOut, streams],
  )
  useEffect(() => attachHub(streams), [streams])
  useEffect(() => {
    // After sleep or a network change, refetch what is visible.
    const look = () => document.visibilityState === 'visible' && data.queries.refresh()
    const goOffline = () => connection.lost(navigator)
    const back = () => {
      connection.back(navigator)
      look()
    }
    addEventListener('offline', goOffline)
    addEventListener('online', back)
    document.addEventListener('visibilitychange', look)
    return () => {
      removeEventListener('offline', goOffline)
      removeEventListener('online', back)
      document.removeEventListener('visibilitychange', look)
    }
  }, [data, connection])
  return <Context value={data}>{children}</Context>
}

export function useConsoleData(): ConsoleData {
  const data = use(Context)
  if (!data) throw new Error('useConsoleData outside of ConsoleDataProvider')
  return data
}

export function useConnectionState(): ServerConnectionState {
  const { connection } = useConsoleData()
  return useSyncExternalStore(connection.subscribe, connection.state)
}

/** Reports a loss of the stream connection, but only after it was established once. */
function openStreams(connection: ServerConnection): TabStreams {
  let wasLive = false
  const streams = createTabStreams((isLive) => {
    wasLive ||= isLive
    if (isLive) {
      connection.noteAnswer()
      connection.back(streams)
    } else if (wasLive) {
      connection.lost(streams)
    }
  })
  return streams
}
