import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react'
import type { Client } from '../../../src/client/client.ts'
import type { ClientError } from '../../../src/client/client-error.ts'
import { useConsoleData } from './console-data.tsx'

export interface QueryResult<Data> {
  /** The newest answer; that of the question before while a new one is being asked. */
  readonly data: Data | undefined
  readonly error: ClientError | undefined
  readonly isLoading: boolean
  /** `data` is that of another question: it was asked for with another filter, or page. */
  readonly isOld: boolean
  readonly refresh: () => void
}

/**
 * Asks the server, and again whenever somebody says `refresh`. The key names the question with everything it depends on, the kind of thing first
 * (`executions/exec-1/tasks?page=2`), so that `queries.refresh('executions/')` finds it. Absent: nothing is asked yet.
 */
export function useQuery<Data>(key: string | undefined, load: (client: Client) => Promise<Data>): QueryResult<Data> {
  const { clientFor, queries } = useConsoleData()
  const latestLoad = useRef(load)
  useEffect(() => {
    latestLoad.current = load
  })
  const subscribe = useCallback(
    (listener: () => void) =>
      key === undefined
        ? () => undefined
        : queries.subscribe(key, (signal) => latestLoad.current(clientFor(signal)), listener),
    [key, clientFor, queries],
  )
  const state = useSyncExternalStore(subscribe, () => queries.state(key ?? ''))
  const previous = useRef<unknown>(undefined)
  useEffect(() => {
    if (state.data !== undefined) previous.current = state.data
  }, [state.data])
  const refresh = useCallback(() => queries.refresh(key), [key, queries])
  return {
    data: (state.data ?? previous.current) as Data | undefined,
    error: state.error,
    isLoading: key !== undefined && state.isLoading,
    isOld: state.data === undefined && previous.current !== undefined,
    refresh,
  }
}
