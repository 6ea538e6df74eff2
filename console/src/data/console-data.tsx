import { createContext, type ReactNode, use, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { type Client, createClient } from '../../../src/client/client.ts'
import { type Connection, createConnection } from './connection.ts'
import { createQueryStore, type QueryStore } from './query-store.ts'

interface ConsoleData {
  /** The public API as the person who is signed in. With a signal, whatever that client asks ends with it. */
  readonly clientFor: (signal?: AbortSignal) => Client
  readonly queries: QueryStore
  readonly connection: Connection
}

const Context = createContext<ConsoleData | undefined>(undefined)

export function ConsoleDataProvider({
  onSignedOut,
  children,
}: {
  readonly onSignedOut: () => void
  readonly children: ReactNode
}) {
  const [connection] = useState(createConnection)
  const data = useMemo(
    () => ({
      clientFor: (signal?: AbortSignal) => createClient({ server: location.origin, session: true, signal }),
      queries: createQueryStore({ connection, onSignedOut }),
      connection,
    }),
    [connection, onSignedOut],
  )
  useEffect(() => {
    // A laptop that slept, a network that came back: what is on the screen is looked at again.
    const look = () => document.visibilityState === 'visible' && data.queries.refresh()
    const gone = () => connection.lost(navigator)
    const back = () => {
      connection.back(navigator)
      look()
    }
    addEventListener('offline', gone)
    addEventListener('online', back)
    document.addEventListener('visibilitychange', look)
    return () => {
      removeEventListener('offline', gone)
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

export function useIsConnectionLost(): boolean {
  const { connection } = useConsoleData()
  return useSyncExternalStore(connection.subscribe, connection.isLost)
}
