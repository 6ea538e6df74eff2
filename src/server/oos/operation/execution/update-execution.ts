import { z } from 'zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import { patchExecution } from '../../../app/execution/patch-execution.ts'
import { isSame } from '../../execution/is-same.ts'
import { clientToken, executionId, executionLabels } from '../../execution/labels.ts'
import { givenParameters } from '../../execution/origin.ts'
import { readShown } from '../../execution/read-shown.ts'
import { defineOperation } from '../../operation.ts'
import { jsonText } from '../../rpc/fields.ts'

export const updateExecution = defineOperation({
  name: 'UpdateExecution',
  state: {
    partly: '`Parameters` must repeat the current values; other values are refused because the plan is frozen',
  },
  parameters: z.strictObject({
    ...executionLabels,
    ClientToken: clientToken(),
    ExecutionId: executionId(),
    Parameters: jsonText(z.record(z.string(), z.unknown())).default({}),
  }),
  resources: ({ ExecutionId }) => [`execution/${ExecutionId}`],
  async run(call, { ExecutionId, Parameters, Description, ResourceGroupId, Tags }) {
    const shown = await readShown(call, ExecutionId)
    if (!shown) throw chandlerError('ExecutionNotFound', { id: ExecutionId })
    const given = givenParameters(shown.origin)
    for (const [name, value] of Object.entries(Parameters)) {
      if ([given, shown.origin.parameters].some((started) => isSame(value, started[name]))) continue
      const reason = 'cannot be changed: what an execution does is frozen when it starts'
      throw chandlerError('RequestParameterInvalid', { name: `Parameters.${name}`, reason })
    }
    await patchExecution(call.context, call.actor, ExecutionId, {
      description: Description,
      resourceGroup: ResourceGroupId,
      tags: Tags,
    })
    return {}
  },
})
