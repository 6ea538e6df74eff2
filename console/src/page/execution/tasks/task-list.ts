import type { TaskView } from '../../../../../src/protocol/api/executions.ts'
import type { TaskFilterState } from './task-filter.ts'
import { matchesFilter } from './task-filter.ts'

/**
 * The filtered tasks of an execution as far as loaded, updated by server events. Pages load from
 * the front. In plan order, newly matching tasks are inserted; in other orders only the server
 * knows the position, so the list is marked as out of date.
 */
export interface TaskList {
  rows(): readonly TaskView[]
  /** All rows of the server are loaded. */
  isComplete(): boolean
  isOutdated(): boolean
  /** Incremented on every visible change. */
  version(): number
  addPage(tasks: readonly TaskView[], isLast: boolean): void
  /** True if a visible row changed. */
  applyChanges(tasks: readonly TaskView[]): boolean
  /** Call before requesting a page: changes that arrive meanwhile may be newer than the page. */
  expectPage(): void
}

export function createTaskList(filter: TaskFilterState): TaskList {
  const isInPlanOrder = filter.sort === 'ordinal'
  let rows: TaskView[] = []
  /** Only for orders other than by ordinal. */
  let places = new Map<number, number>()
  let isComplete = false
  let isOutdated = false
  let version = 0
  /** Changes received while a page loads, the latest per task. */
  let unseen: Map<number, TaskView> | undefined

  const placeOf = (ordinal: number): number =>
    isInPlanOrder ? findOrdinal(rows, ordinal) : (places.get(ordinal) ?? -1)

  function setRows(next: TaskView[]): void {
    rows = next
    if (!isInPlanOrder) places = new Map(rows.map(({ ordinal }, place) => [ordinal, place]))
  }

  /** A newly matching task belongs to a later page, unless it precedes the last loaded row. */
  const isWithin = (ordinal: number) => isComplete || ordinal <= (rows.at(-1)?.ordinal ?? -1)

  function applyChanges(tasks: readonly TaskView[]): boolean {
    const leaving = new Set<number>()
    const arriving: TaskView[] = []
    let hasChanged = false
    for (const task of newestOf(tasks)) {
      keepUnseen(task)
      const place = placeOf(task.ordinal)
      const known = place < 0 ? undefined : rows[place]
      const matches = matchesFilter(filter, task, known !== undefined)
      if (known) {
        if (known.revision > task.revision) continue
        if (matches) rows[place] = task
        else leaving.add(task.ordinal)
        hasChanged = true
      } else if (matches && isInPlanOrder && isWithin(task.ordinal)) {
        arriving.push(task)
        hasChanged = true
      }
      if (!isInPlanOrder && matches && !isOutdated) {
        isOutdated = true
        hasChanged = true
      }
    }
    if (leaving.size > 0) setRows(rows.filter(({ ordinal }) => !leaving.has(ordinal)))
    if (arriving.length > 0) setRows(mergeByOrdinal(rows, arriving))
    if (hasChanged) version += 1
    return hasChanged
  }

  function keepUnseen(task: TaskView): void {
    if (unseen && (unseen.get(task.ordinal)?.revision ?? 0) <= task.revision) unseen.set(task.ordinal, task)
  }

  return {
    rows: () => rows,
    isComplete: () => isComplete,
    isOutdated: () => isOutdated,
    version: () => version,
    applyChanges,
    expectPage() {
      unseen = new Map()
    },
    addPage(tasks, isLast) {
      const changesMeanwhile = unseen ?? new Map<number, TaskView>()
      unseen = undefined
      const fresh = tasks.filter(({ ordinal }) => placeOf(ordinal) < 0)
      isComplete = isLast
      setRows(isInPlanOrder ? mergeByOrdinal(rows, fresh) : [...rows, ...fresh])
      version += 1
      applyChanges([...changesMeanwhile.values()])
    },
  }
}

function newestOf(tasks: readonly TaskView[]): Iterable<TaskView> {
  const newest = new Map<number, TaskView>()
  for (const task of tasks)
    if ((newest.get(task.ordinal)?.revision ?? 0) <= task.revision) newest.set(task.ordinal, task)
  return newest.values()
}

/** Index of a task in ordinal order; -1: absent. */
function findOrdinal(rows: readonly TaskView[], ordinal: number): number {
  let low = 0
  let high = rows.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = (rows[middle] as TaskView).ordinal
    if (found === ordinal) return middle
    if (found < ordinal) low = middle + 1
    else high = middle - 1
  }
  return -1
}

function mergeByOrdinal(rows: readonly TaskView[], added: readonly TaskView[]): TaskView[] {
  const incoming = added.toSorted((one, other) => one.ordinal - other.ordinal)
  if ((rows.at(-1)?.ordinal ?? -1) < (incoming[0]?.ordinal ?? 0)) return [...rows, ...incoming]
  const merged: TaskView[] = []
  let next = 0
  for (const row of rows) {
    while (next < incoming.length && (incoming[next] as TaskView).ordinal < row.ordinal)
      merged.push(incoming[next++] as TaskView)
    merged.push(row)
  }
  while (next < incoming.length) merged.push(incoming[next++] as TaskView)
  return merged
}
