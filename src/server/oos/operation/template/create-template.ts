import { z } from 'zod'
import { maxDescriptionLength } from '../../../../core/limits.ts'
import { createExtension } from '../../../app/extension/create-extension.ts'
import { readTemplate } from '../../../app/extension/read-templates.ts'
import { defineOperation } from '../../operation.ts'
import { tagsText, text } from '../../rpc/fields.ts'
import { parseContent } from '../../template/parse-content.ts'
import { presentTemplate } from '../../template/present-template.ts'
import { contentText, resourceGroupText, templateName } from '../../template/template-fields.ts'

export const createTemplate = defineOperation({
  name: 'CreateTemplate',
  state: { partly: 'templates of type Package; types Automation and State are refused' },
  parameters: z.strictObject({
    TemplateName: templateName(),
    Content: contentText(),
    VersionName: text(maxDescriptionLength).optional(),
    Tags: tagsText().optional(),
    ResourceGroupId: resourceGroupText().optional(),
  }),
  resources: ({ TemplateName }) => [`template/${TemplateName}`],
  run: async ({ context, actor }, { TemplateName, Content, VersionName = '', Tags, ResourceGroupId }) => {
    const { content, version } = parseContent(Content)
    await createExtension(context, actor, {
      ...version,
      name: TemplateName,
      versionDescription: VersionName,
      tags: Tags,
      resourceGroup: ResourceGroupId,
      content,
    })
    const template = await readTemplate(context, actor, TemplateName, 'v1')
    return { TemplateType: 'Package', Template: presentTemplate(template) }
  },
})
