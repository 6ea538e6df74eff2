import { z } from 'zod'
import { deleteExtension } from '../../../app/extension/delete-extension.ts'
import { defineOperation } from '../../operation.ts'
import { boolean } from '../../rpc/fields.ts'
import { templateName } from '../../template/template-fields.ts'

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
