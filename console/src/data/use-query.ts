import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react'
import type { Client } from '../../../src/client/client.ts'
import type { ClientError } from '../../../src/client/client-error.ts'
import { useConsoleData } from './console-data.tsx'

export interface QueryResult<Data> {
  /** The latest result; during a key change, the result of the previous key. */
  readonly data: Data | undefined
  readonly error: ClientError | undefined
  readonly isLoading: boolean
  /** `data` belongs to the previous key, for example to another filter or page. */
  readonly isOld: boolean
  readonly refresh: () => void
}

/**
 * Fetches and caches a query, and refetches it on `refresh`. The key identifies the request with
 * all its inputs and starts with the kind (`executions/exec-1/tasks?page=2`), so that
 * `queries.refresh('executions/')` matches it. Undefined: no request yet.
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
