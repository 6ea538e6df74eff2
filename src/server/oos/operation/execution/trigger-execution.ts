import { z } from 'zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import { readStatus } from '../../../app/execution/read-executions.ts'
import { clientToken, executionId } from '../../execution/labels.ts'
import { defineOperation } from '../../operation.ts'
import { oneOf, text } from '../../rpc/fields.ts'

export const triggerExecution = defineOperation({
  name: 'TriggerExecution',
  state: { partly: 'templates with triggers are not supported; every call returns `IncorrectExecutionStatus`' },
  parameters: z.strictObject({
    ClientToken: clientToken(),
    Content: text().optional(),
    ExecutionId: executionId(),
    Type: oneOf('Event', 'Alarm', 'Timer'),
  }),
  resources: ({ ExecutionId }) => [`execution/${ExecutionId}`],
  async run({ context, actor }, { ExecutionId }) {
    const status = await readStatus(context, actor, ExecutionId)
    throw chandlerError('ExecutionStateConflict', { id: ExecutionId, status, control: 'trigger' })
  },
})
