import { z } from 'zod'
import { readTaskInvocations } from '../../app/read-executions.ts'
import { readShown } from '../execution/read-shown.ts'
import { parseTaskId } from '../execution/task-id.ts'
import { text } from '../fields.ts'
import { defineOperation } from '../operation.ts'
import { showTime } from '../show-time.ts'

/** The attempts of a task, the newest last. No page of OOS shows its answer: the fields are named like those of its other lists. */
export const listTaskExecutionInvocations = defineOperation({
  name: 'ListTaskExecutionInvocations',
  state: 'works',
  parameters: z.strictObject({ TaskExecutionId: text(80), Status: text(64).optional() }),
  resources: ({ TaskExecutionId }) => [`execution/${parseTaskId(TaskExecutionId)?.executionId ?? '*'}`],
  async run(call, { TaskExecutionId, Status }) {
    const id = parseTaskId(TaskExecutionId)
    const shown = id && typeof id.part === 'number' ? await readShown(call, id.executionId) : undefined
    const invocations = shown && id ? await readTaskInvocations(call.context, id.executionId, Number(id.part)) : []
    const shownInvocations = invocations.map((invocation) => ({
      InvocationId: invocation.id,
      TaskExecutionId,
      ExecutionId: invocation.execution_id,
      InstanceId: shown?.origin.aliases[invocation.instance_id] ?? invocation.instance_id,
      Attempt: invocation.attempt,
      Status: invocation.state,
      StatusMessage: invocation.reason ?? '',
      ...(invocation.exit_code === null ? {} : { ExitCode: invocation.exit_code }),
      StartDate: showTime(invocation.queued_at),
      EndDate: invocation.ended_at ? showTime(invocation.ended_at) : '',
    }))
    return { Invocations: shownInvocations.filter((one) => Status === undefined || one.Status === Status) }
  },
})
