import { z } from 'zod'
import { controlExecution } from '../../../app/execution/control-execution.ts'
import { executionId } from '../../execution/labels.ts'
import { defineOperation } from '../../operation.ts'

export const cancelExecution = defineOperation({
  name: 'CancelExecution',
  state: 'works',
  parameters: z.strictObject({ ExecutionId: executionId() }),
  resources: ({ ExecutionId }) => [`execution/${ExecutionId}`],
  async run({ context, actor }, { ExecutionId }) {
    await controlExecution(context, actor, ExecutionId, 'cancel')
    return {}
  },
})
