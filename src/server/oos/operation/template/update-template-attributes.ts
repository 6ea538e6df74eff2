import { z } from 'zod'
import { setFavorite } from '../../../app/extension/favorite-templates.ts'
import { defineOperation } from '../../operation.ts'
import { findPublicTemplate } from '../../public-template/public-templates.ts'
import { boolean } from '../../rpc/fields.ts'
import { templateName } from '../../template/template-fields.ts'

export const updateTemplateAttributes = defineOperation({
  name: 'UpdateTemplateAttributes',
  state: { partly: '`IsFavorite` for the calling user; templates cannot be shared with other accounts' },
  parameters: z.strictObject({ TemplateName: templateName(), IsFavorite: boolean() }),
  resources: ({ TemplateName }) => [`template/${TemplateName}`],
  run: async ({ context, actor }, { TemplateName, IsFavorite }) => {
    const isPublic = findPublicTemplate(TemplateName) !== undefined
    await setFavorite(context, actor, TemplateName, { isFavorite: IsFavorite, isPublic })
    return {}
  },
})
