import { useCallback, useEffect, useMemo, useState } from 'react'
import { ClientError } from '../../../../../src/client/client-error.ts'
import { useConsoleData } from '../../../data/console-data.tsx'
import type { LiveExecution } from '../use-execution.ts'
import { type TaskFilterState, toTaskQuery } from './task-filter.ts'
import { createTaskList, type TaskList } from './task-list.ts'

export interface LoadedTasks {
  readonly list: TaskList
  /**
   * Notifies of changes to `list`, at most once per frame; the caller checks whether visible rows
   * changed.
   */
  readonly subscribe: (listener: () => void) => () => void
  readonly isLoading: boolean
  readonly error: ClientError | undefined
  /** Loads the next page unless one is loading or none is left. */
  readonly loadMore: () => void
  readonly reload: () => void
}

/** Tasks that match a filter: paginated through `loadMore`, and live. */
export function useTaskList(
  executionId: string,
  filter: TaskFilterState,
  subscribeTasks: LiveExecution['subscribeTasks'],
): LoadedTasks {
  const { clientFor } = useConsoleData()
  const [generation, setGeneration] = useState(0)
  const [version, setVersion] = useState(0)
  const [error, setError] = useState<ClientError>()
  const request = JSON.stringify(filter)
  const state = useMemo(
    () => makeLoading(executionId, JSON.parse(request) as TaskFilterState, generation),
    [executionId, request, generation],
  )

  const loadMore = useCallback(() => {
    if (state.request || state.list.isComplete() || state.hasFailed) return
    const request = new AbortController()
    state.request = request
    state.list.expectPage()
    const query = { ...toTaskQuery(state.filter), maxResults: pageSize(state), nextToken: state.nextToken }
    clientFor(request.signal)
      .executions.listTasks(executionId, query)
      .then(
        ({ items, nextToken }) => {
          state.nextToken = nextToken
          state.list.addPage(items, nextToken === undefined)
        },
        (reason: unknown) => {
          if (request.signal.aborted) return
          if (!(reason instanceof ClientError)) throw reason
          state.hasFailed = true
          setError(reason)
        },
      )
      .finally(() => {
        if (state.request === request) state.request = undefined
        if (!request.signal.aborted) setVersion((before) => before + 1)
      })
  }, [state, executionId, clientFor])

  useEffect(() => {
    setError(undefined)
    state.hasFailed = false
    loadMore()
    const leave = subscribeTasks((tasks) => {
      if (state.list.applyChanges(tasks)) for (const listen of state.listeners) listen()
    })
    return () => {
      leave()
      state.request?.abort()
      state.request = undefined
    }
  }, [state, loadMore, subscribeTasks])

  const reload = useCallback(() => setGeneration((value) => value + 1), [])
  const subscribe = useCallback(
    (listener: () => void) => {
      state.listeners.add(listener)
      return () => void state.listeners.delete(listener)
    },
    [state],
  )
  const isLoading = !state.list.isComplete() && !state.hasFailed
  // The version represents the list; the caller renders the pages.
  return useMemo(
    () => ({ list: state.list, subscribe, isLoading, error, loadMore, reload }),
    [state, subscribe, isLoading, error, loadMore, reload, version],
  )
}

interface Loading {
  readonly generation: number
  readonly executionId: string
  readonly filter: TaskFilterState
  readonly list: TaskList
  readonly listeners: Set<() => void>
  nextToken: string | undefined
  request: AbortController | undefined
  hasFailed: boolean
}

const makeLoading = (executionId: string, filter: TaskFilterState, generation: number): Loading => ({
  generation,
  executionId,
  filter,
  list: createTaskList(filter),
  listeners: new Set(),
  nextToken: undefined,
  request: undefined,
  hasFailed: false,
})

/** A small first page is fast; later pages are larger, limited to what a frame can process. */
const pageSize = ({ list }: Loading) => (list.rows().length === 0 ? 200 : 500)
