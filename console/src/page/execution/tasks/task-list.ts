import type { TaskView } from '../../../../../src/protocol/api/executions.ts'
import type { TaskFilterState } from './task-filter.ts'
import { matchesFilter } from './task-filter.ts'

/**
 * The tasks of an execution that a filter lets through, as far as they were loaded, kept true by the changes that the server tells. It is filled
 * from the front, a page after the other. In the order of the plan a task that begins to match goes where it belongs; in every other order the
 * place of what changed is the server's to say, so the list says that it is out of date instead.
 */
export interface TaskList {
  rows(): readonly TaskView[]
  /** Every row that the server has is here. */
  isComplete(): boolean
  isOutdated(): boolean
  /** Grows with whatever can be seen. */
  version(): number
  addPage(tasks: readonly TaskView[], isLast: boolean): void
  /** True if something that can be seen changed. */
  applyChanges(tasks: readonly TaskView[]): boolean
  /** Before a page is asked for: what changes until it comes may be newer than what it says. */
  expectPage(): void
}

export function createTaskList(filter: TaskFilterState): TaskList {
  const isInPlanOrder = filter.sort === 'ordinal'
  let rows: TaskView[] = []
  /** Only where rows do not stand in the order of their ordinals. */
  let places = new Map<number, number>()
  let isComplete = false
  let isOutdated = false
  let version = 0
  /** What was told while a page is on its way, the newest of each task. */
  let unseen: Map<number, TaskView> | undefined

  const placeOf = (ordinal: number): number =>
    isInPlanOrder ? findOrdinal(rows, ordinal) : (places.get(ordinal) ?? -1)

  function setRows(next: TaskView[]): void {
    rows = next
    if (!isInPlanOrder) places = new Map(rows.map(({ ordinal }, place) => [ordinal, place]))
  }

  /** A task that begins to match stands on a page that is still to come, unless it comes before the last row that is here. */
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
      const told = unseen ?? new Map<number, TaskView>()
      unseen = undefined
      const fresh = tasks.filter(({ ordinal }) => placeOf(ordinal) < 0)
      isComplete = isLast
      setRows(isInPlanOrder ? mergeByOrdinal(rows, fresh) : [...rows, ...fresh])
      version += 1
      applyChanges([...told.values()])
    },
  }
}

function newestOf(tasks: readonly TaskView[]): Iterable<TaskView> {
  const newest = new Map<number, TaskView>()
  for (const task of tasks)
    if ((newest.get(task.ordinal)?.revision ?? 0) <= task.revision) newest.set(task.ordinal, task)
  return newest.values()
}

/** Where a task stands among rows in the order of their ordinals; -1: nowhere. */
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
