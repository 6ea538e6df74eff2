import type { TaskReasonCode, TaskStatus } from '../../src/core/execution/execution.ts'
import type { ExecutionId, InstanceId } from '../../src/core/id.ts'
import { makeReason } from '../../src/core/reason/reason.ts'
import type { ExecutionRow, TaskRow } from './rows.ts'
import { type ExecutionPlan, resolvePlan } from './scenario.ts'

/**
 * A new execution with the rows that starting it inserts: work in batches, in order; tasks that the
 * plan ended in batch 0.
 */
export function makeExecution(
  id: ExecutionId,
  plan: ExecutionPlan,
  instanceIdOf: (index: number) => InstanceId,
): ExecutionRow {
  const rateControl = resolvePlan(plan)
  const batches = rateControl.batchSizes.flatMap((size, index) => Array.from({ length: size }, () => index + 1))
  const ended: readonly [TaskStatus, TaskReasonCode][] = [
    ...Array.from({ length: plan.asWanted }, (): [TaskStatus, TaskReasonCode] => ['Success', 'AlreadyAsWanted']),
    ...Array.from({ length: plan.skipped }, (): [TaskStatus, TaskReasonCode] => ['Skipped', 'NotInScope']),
    ...Array.from({ length: plan.notInstalled }, (): [TaskStatus, TaskReasonCode] => ['Skipped', 'NotInstalled']),
  ]
  const tasks = plan.targets.map((target, index): TaskRow => {
    const [status, reasonCode] = ended[index] ?? ['Pending', 'Planned']
    const batch = status === 'Pending' ? (batches[index - ended.length] ?? 0) : 0
    return {
      ordinal: index + 1,
      batch,
      instanceId: instanceIdOf(target),
      status,
      reasonCode,
      attempt: 0,
      part: 0,
      partDue: false,
    }
  })
  const counts: ExecutionRow['counts'] = new Map()
  for (const { batch, status, reasonCode } of tasks) {
    const key = `${batch} ${status} ${reasonCode}`
    counts.set(key, { batch, status, reasonCode, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return {
    id,
    mutationKeys: [plan.extension, ...plan.further].map((extension) => `ext-${extension}`),
    mode: plan.mode,
    rateControl,
    deliveryTimeoutMs: plan.deliveryTimeoutMs,
    timeoutMs: plan.timeoutMs,
    strict: plan.strict,
    tasks,
    counts,
    status: 'Started',
    reasonCode: 'Accepted',
    reason: makeReason('Accepted'),
    openBatch: 0,
    pauseRequested: false,
    acceptedFailures: 0,
    cancelRequested: false,
    namedOrdinal: undefined,
    gate: undefined,
  }
}
