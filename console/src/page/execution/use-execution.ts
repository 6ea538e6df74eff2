import { useCallback, useEffect, useRef, useState } from 'react'
import { isEnded } from '../../../../src/core/execution/execution.ts'
import type { ExecutionView, TaskView } from '../../../../src/protocol/api/executions.ts'
import { type QueryResult, useQuery } from '../../data/use-query.ts'
import { useStream } from '../../data/use-stream.ts'
import { createFrameGatherer, type FrameGatherer } from './log/frame-gatherer.ts'

type TasksListener = (tasks: readonly TaskView[]) => void

export interface LiveExecution {
  readonly execution: ExecutionView | undefined
  readonly query: QueryResult<ExecutionView>
  /** Notifies of changed tasks, at most once per frame. */
  readonly subscribeTasks: (listener: TasksListener) => () => void
}

/** Render interval of everything above the tasks: numbers that change faster are unreadable. */
const drawEveryMs = 250

/**
 * Key prefix for queries about one execution. List keys start with `executions` and are refetched
 * with every change of the account.
 */
export const executionKey = (id: string): string => `execution/${id}`

/**
 * Current state of an execution and its task changes. Follows it from the fetched revision until it
 * has ended.
 */
export function useExecution(id: string): LiveExecution {
  const query = useQuery(executionKey(id), (client) => client.executions.get(id))
  const [streamed, setStreamed] = useState<ExecutionView>()
  const listeners = useRef(new Set<TasksListener>())
  const { current: drawing } = useRef<Drawing>({ gatherer: undefined, timer: undefined, newest: undefined })

  const read = query.data?.id === id ? query.data : undefined
  // Once followed, only the end of the stream ends the subscription: last changes arrive after the
  // execution has ended.
  const followedFrom = useRef<{ id: string; revision: number }>(undefined)
  if (read && followedFrom.current?.id !== id)
    followedFrom.current = isEnded(read.status) ? undefined : { id, revision: read.revision }
  const isFollowed = followedFrom.current?.id === id

  useEffect(() => {
    drawing.gatherer = createFrameGatherer<TaskView>(
      (tasks) => {
        for (const listen of listeners.current) listen(tasks)
      },
      { keyOf: ({ ordinal }) => ordinal },
    )
    return () => {
      drawing.gatherer?.stop()
      clearTimeout(drawing.timer)
      drawing.timer = undefined
      drawing.newest = undefined
    }
  }, [drawing, id])

  useStream(
    isFollowed ? `${executionKey(id)}/events` : undefined,
    (client, options) =>
      client.executions.follow(id, {
        ...options,
        after: followedFrom.current?.revision ?? 0,
        ...(read === undefined ? {} : { known: read }),
      }),
    (event) => {
      if (event.kind === 'tasks') return drawing.gatherer?.add(event.tasks)
      drawing.newest = event.execution
      drawing.timer ??= setTimeout(() => {
        drawing.timer = undefined
        setStreamed(drawing.newest)
      }, drawEveryMs)
    },
  )

  // What it changed, and the gate that it is at, are not part of the stream.
  const hasEnded = streamed?.id === id && isEnded(streamed.status)
  const atGate = streamed?.id === id && isAtGate(streamed) ? `${streamed.openBatch} ${streamed.reason}` : undefined
  const { refresh } = query
  useEffect(() => {
    if (hasEnded || atGate !== undefined) refresh()
  }, [hasEnded, atGate, refresh])

  const subscribeTasks = useCallback((listener: TasksListener) => {
    listeners.current.add(listener)
    return () => void listeners.current.delete(listener)
  }, [])
  return { execution: newerOf(read, streamed?.id === id ? streamed : undefined), query, subscribeTasks }
}

interface Drawing {
  gatherer: FrameGatherer<TaskView> | undefined
  timer: ReturnType<typeof setTimeout> | undefined
  newest: ExecutionView | undefined
}

const isAtGate = ({ reasonCode }: ExecutionView) => reasonCode === 'GateWait' || reasonCode === 'GateFailed'

/** Streams omit the gate, and constant fields: script, parameters, requested rate control. */
function newerOf(read: ExecutionView | undefined, streamed: ExecutionView | undefined): ExecutionView | undefined {
  if (!read || !streamed || read.revision >= streamed.revision) return read ?? streamed
  const { operation, parameters, rateControl, gate, decisions } = read
  return { ...streamed, operation, parameters, rateControl, ...(gate && { gate }), ...(decisions && { decisions }) }
}
