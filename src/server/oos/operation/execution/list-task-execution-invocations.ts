import { z } from 'zod'
import type { InvocationState } from '../../../../core/execution/invocation.ts'
import { readTaskInvocations } from '../../../app/execution/read-executions.ts'
import { type OosTaskStatus, oosTaskStatuses } from '../../execution/oos-task-status.ts'
import { templateOf } from '../../execution/origin.ts'
import { readShown } from '../../execution/read-shown.ts'
import { parseTaskId } from '../../execution/task-id.ts'
import { defineOperation } from '../../operation.ts'
import { oneOf, text } from '../../rpc/fields.ts'

/** The attempts of a task, oldest first. */
export const listTaskExecutionInvocations = defineOperation({
  name: 'ListTaskExecutionInvocations',
  state: 'works',
  parameters: z.strictObject({
    TaskExecutionId: text(80),
    Status: oneOf(...oosTaskStatuses).optional(),
  }),
  resources: ({ TaskExecutionId }) => [`execution/${parseTaskId(TaskExecutionId)?.executionId ?? '*'}`],
  async run(call, { TaskExecutionId, Status }) {
    const id = parseTaskId(TaskExecutionId)
    const shown = id && typeof id.part === 'number' ? await readShown(call, id.executionId) : undefined
    if (!shown || !id) return { TaskExecutionInvocations: [] }
    const invocations = await readTaskInvocations(call.context, id.executionId, Number(id.part))
    const { loopTask } = templateOf(shown.origin)
    return {
      TaskExecutionInvocations: invocations
        .map((invocation) => ({
          InvocationId: invocation.id,
          InvocationTaskExecutionId: TaskExecutionId,
          InvocationTaskName: loopTask.name,
          RegionId: call.context.region,
          Status: statusOf[invocation.state as InvocationState],
        }))
        .filter((one) => Status === undefined || one.Status === Status),
    }
  },
})

/** Maps an attempt to a task status of OOS. Timed out and abandoned attempts count as failed. */
const statusOf: Readonly<Record<InvocationState, OosTaskStatus>> = {
  queued: 'Pending',
  sent: 'Pending',
  accepted: 'Pending',
  waiting: 'Pending',
  downloading: 'Running',
  running: 'Running',
  verifying: 'Running',
  rebooting: 'Running',
  succeeded: 'Success',
  failed: 'Failed',
  timedOut: 'Failed',
  lost: 'Failed',
  cancelled: 'Cancelled',
  withdrawn: 'Cancelled',
}
