import { z } from 'zod'
import { deleteExecutions as remove } from '../../../app/execution/delete-executions.ts'
import { defineOperation } from '../../operation.ts'
import { boolean, listText } from '../../rpc/fields.ts'

export const deleteExecutions = defineOperation({
  name: 'DeleteExecutions',
  state: 'works',
  parameters: z.strictObject({ ExecutionIds: listText({ max: 50 }), Force: boolean().default(false) }),
  resources: ({ ExecutionIds }) => ExecutionIds.map((id) => `execution/${id}`),
  async run({ context, actor }, { ExecutionIds, Force }) {
    await remove(context, actor, ExecutionIds, { force: Force })
    return {}
  },
})
