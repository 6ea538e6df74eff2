import { z } from 'zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import { readTemplate } from '../../../app/extension/read-templates.ts'
import { defineOperation } from '../../operation.ts'
import { findPublicTemplate } from '../../public-template/public-templates.ts'
import { text } from '../../rpc/fields.ts'
import { presentPublicTemplate, presentTemplate } from '../../template/present-template.ts'
import { templateName } from '../../template/template-fields.ts'

/**
 * `Content` is the original text; for a version that was created through the native API, the
 * rendered template.
 */
export const getTemplate = defineOperation({
  name: 'GetTemplate',
  state: 'works',
  parameters: z.strictObject({ TemplateName: templateName(), TemplateVersion: text(64).optional() }),
  resources: ({ TemplateName }) => [`template/${TemplateName}`],
  run: async ({ context, actor }, { TemplateName, TemplateVersion }) => {
    const published = findPublicTemplate(TemplateName)
    if (published) {
      if (TemplateVersion !== undefined && TemplateVersion.toLowerCase() !== published.version)
        throw chandlerError('VersionNotFound', { name: TemplateName, version: TemplateVersion })
      return { Content: published.content, Template: presentPublicTemplate(published) }
    }
    const { content, ...template } = await readTemplate(context, actor, TemplateName, TemplateVersion)
    return { Content: content, Template: presentTemplate(template) }
  },
})
