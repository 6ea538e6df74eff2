import { z } from 'zod'
import { findNamedTemplate } from '../../execution/find-template.ts'
import { defineOperation } from '../../operation.ts'
import { text } from '../../rpc/fields.ts'

/**
 * OOS calls a task risky if it deletes or stops cloud resources: no public template here has one.
 */
export const listExecutionRiskyTasks = defineOperation({
  name: 'ListExecutionRiskyTasks',
  state: 'works',
  parameters: z.strictObject({ TemplateName: text(200) }),
  resources: ({ TemplateName }) => [`template/${TemplateName}`],
  async run(_call, input) {
    findNamedTemplate(input)
    return { RiskyTasks: [] }
  },
})
