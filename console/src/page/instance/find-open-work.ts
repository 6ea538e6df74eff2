import { runningTaskStatuses } from '../../../../src/core/execution/execution.ts'
import type { InstanceHistoryView } from '../../../../src/protocol/api/instances.ts'
import { changedExtensions } from '../../app/operation/operation-kinds.ts'

/** Open tasks by extension: the running one, otherwise the oldest. */
export function findOpenWork(history: readonly InstanceHistoryView[]): ReadonlyMap<string, InstanceHistoryView> {
  const work = new Map<string, InstanceHistoryView>()
  for (const status of ['Pending', ...runningTaskStatuses]) {
    // The history is sorted newest first.
    for (const item of history) {
      if (item.task.status === status) for (const name of changedExtensions(item.operation)) work.set(name, item)
    }
  }
  return work
}
