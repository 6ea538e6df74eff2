import type { InstanceHistoryView } from '../../../../src/protocol/api/instances.ts'

/** Open tasks by extension: the running one, otherwise the oldest. */
export function findOpenWork(history: readonly InstanceHistoryView[]): ReadonlyMap<string, InstanceHistoryView> {
  const work = new Map<string, InstanceHistoryView>()
  for (const status of ['Pending', 'Running'] as const) {
    // The history is sorted newest first.
    for (const item of history) {
      if (item.task.status === status) for (const name of namesOf(item)) work.set(name, item)
    }
  }
  return work
}

function namesOf({ operation }: InstanceHistoryView): readonly string[] {
  if (operation.kind === 'extension') return [operation.extension]
  return operation.kind === 'extensions' ? operation.extensions.map(({ extension }) => extension) : []
}
