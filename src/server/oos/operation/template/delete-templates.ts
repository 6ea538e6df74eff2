import { z } from 'zod'
import { deleteExtensions } from '../../../app/extension/delete-extension.ts'
import { defineOperation } from '../../operation.ts'
import { boolean, listText } from '../../rpc/fields.ts'

/** Deletes all of them or none. */
export const deleteTemplates = defineOperation({
  name: 'DeleteTemplates',
  state: 'works',
  parameters: z.strictObject({
    TemplateNames: listText({ max: 50 }),
    AutoDeleteExecutions: boolean().default(false),
  }),
  resources: ({ TemplateNames }) => TemplateNames.map((name) => `template/${name}`),
  run: async ({ context, actor }, { TemplateNames, AutoDeleteExecutions }) => {
    await deleteExtensions(context, actor, TemplateNames, { force: false, withExecutions: AutoDeleteExecutions })
    return {}
  },
})
