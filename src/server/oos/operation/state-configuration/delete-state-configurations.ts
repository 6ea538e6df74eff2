import { z } from 'zod'
import { removeStateConfigurations } from '../../../app/assignment/state-configurations.ts'
import { clientToken } from '../../execution/labels.ts'
import { defineOperation } from '../../operation.ts'
import { listText } from '../../rpc/fields.ts'

/** Deletes all of them or none. */
export const deleteStateConfigurations = defineOperation({
  name: 'DeleteStateConfigurations',
  state: 'works',
  parameters: z.strictObject({ ClientToken: clientToken(), StateConfigurationIds: listText({ max: 50 }) }),
  resources: ({ StateConfigurationIds }) => StateConfigurationIds.map((id) => `assignment/${id}`),
  run: async ({ context, actor }, { StateConfigurationIds }) => {
    await removeStateConfigurations(context, actor, StateConfigurationIds)
    return {}
  },
})
