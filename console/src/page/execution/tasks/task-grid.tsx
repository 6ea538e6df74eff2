import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, useEffect, useReducer, useRef, useState } from 'react'
import type { TaskView } from '../../../../../src/protocol/api/executions.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { useIsNarrow } from '../use-is-narrow.ts'
import { assignSlots } from './assign-slots.ts'
import { LoadingRow, TaskGridRow } from './task-row.tsx'
import type { LoadedTasks } from './use-task-list.ts'

/** Narrow rows have two lines. */
const rowHeights = { wide: 36, narrow: 60 }
/** Rows before the end at which the next page loads: a second or two of fast scrolling. */
const loadAhead = 400

/**
 * Virtualised task table that renders only visible rows. Arrow keys, Page Up/Down, Home and End
 * move between rows; one row is in the tab order.
 */
export const TaskGrid = memo(function TaskGrid({
  tasks,
  knownCount,
  openTask,
  onOpen,
}: {
  readonly tasks: LoadedTasks
  readonly knownCount: number | undefined
  readonly openTask: string
  readonly onOpen: (task: TaskView) => void
}) {
  const { tasks: texts } = useTexts().executions
  const { list, isLoading, loadMore } = tasks
  const scroller = useRef<HTMLDivElement>(null)
  const isNarrow = useIsNarrow(scroller, 760)
  const rowHeight = isNarrow ? rowHeights.narrow : rowHeights.wide
  const rows = list.rows()
  // Scroll height of the full list; if unknown, a few rows beyond the loaded ones.
  const count = list.isComplete() ? rows.length : Math.max(rows.length + (isLoading ? 3 : 0), knownCount ?? 0)
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  })
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight])

  const items = virtualizer.getVirtualItems()
  const slots = useSlots(items.map(({ index }) => index))
  useRedraw(
    tasks,
    items.map(({ index }) => index),
  )
  const lastSeen = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (lastSeen + loadAhead >= rows.length) loadMore()
  }, [lastSeen, rows.length, loadMore])

  const [current, setCurrent] = useState(0)
  const move = (place: number) => {
    const next = Math.min(Math.max(0, place), rows.length - 1)
    setCurrent(next)
    virtualizer.scrollToIndex(next)
    // Synchronously if possible: Enter right after an arrow key must apply to the new row. Distant
    // rows must be rendered first.
    if (!focusRow(next)) requestAnimationFrame(() => focusRow(next))
  }
  const focusRow = (place: number) => {
    const row = scroller.current?.querySelector<HTMLElement>(`[data-place="${place}"] button`)
    row?.focus({ preventScroll: true })
    return Boolean(row)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const place = findNextPlace(event.key, current, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight))
    if (place === undefined) return
    event.preventDefault()
    move(place)
  }
  const focusable = items.some(({ index }) => index === current) ? current : items[0]?.index
  return (
    <div
      ref={scroller}
      className={isNarrow ? 'task-grid narrow' : 'task-grid'}
      role="table"
      aria-label={texts.label}
      aria-rowcount={count + 1}
      onKeyDown={onKeyDown}
    >
      <div className="task-row task-head" role="row" aria-rowindex={1}>
        {(['status', 'instance', 'batch', 'version', 'reason', 'time'] as const).map((column) => (
          <span key={column} role="columnheader" className={`task-${column}`}>
            {texts.columns[column]}
          </span>
        ))}
      </div>
      <div role="rowgroup" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
        {items.map(({ index, start }) => {
          const task = rows[index]
          return task ? (
            <TaskGridRow
              key={slots.get(index)}
              task={task}
              place={index}
              start={start}
              height={rowHeight}
              isOpen={task.instanceId === openTask}
              isFocusable={index === focusable}
              onOpen={onOpen}
              onFocus={setCurrent}
            />
          ) : (
            <LoadingRow key={slots.get(index)} place={index} start={start} height={rowHeight} />
          )
        })}
      </div>
    </div>
  )
})

function useSlots(places: readonly number[]): ReadonlyMap<number, number> {
  const before = useRef<ReadonlyMap<number, number>>(new Map())
  const slots = assignSlots(before.current, places)
  useEffect(() => {
    before.current = slots
  })
  return slots
}

/**
 * Renders again if a visible row or the row count changed: few of 500 changes a second affect
 * visible rows.
 */
function useRedraw({ list, subscribe }: LoadedTasks, places: readonly number[]): void {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const rows = list.rows()
  const drawn = useRef({ places, tasks: places.map((place) => rows[place]), length: rows.length })
  useEffect(() => {
    drawn.current = { places, tasks: places.map((place) => rows[place]), length: rows.length }
  })
  useEffect(
    () =>
      subscribe(() => {
        const now = list.rows()
        const { places: seen, tasks, length } = drawn.current
        if (now.length !== length || seen.some((place, index) => now[place] !== tasks[index])) redraw()
      }),
    [list, subscribe],
  )
}

function findNextPlace(key: string, current: number, pageRows: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return current + 1
    case 'ArrowUp':
      return current - 1
    case 'PageDown':
      return current + pageRows
    case 'PageUp':
      return current - pageRows
    case 'Home':
      return 0
    case 'End':
      return Number.MAX_SAFE_INTEGER
    default:
      return undefined
  }
}
