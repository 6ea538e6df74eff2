import { z } from 'zod'
import { deleteExtension } from '../../app/delete-extension.ts'
import { boolean } from '../fields.ts'
import { defineOperation } from '../operation.ts'
import { templateName } from '../template/template-fields.ts'

export const deleteTemplate = defineOperation({
  name: 'DeleteTemplate',
  state: 'works',
  parameters: z.strictObject({ TemplateName: templateName(), AutoDeleteExecutions: boolean().default(false) }),
  resources: ({ TemplateName }) => [`template/${TemplateName}`],
  run: async ({ context, actor }, { TemplateName, AutoDeleteExecutions }) => {
    await deleteExtension(context, actor, TemplateName, { force: false, withExecutions: AutoDeleteExecutions })
    return {}
  },
})
