import { z } from 'zod'
import { maxDescriptionLength } from '../../../../core/limits.ts'
import { createVersion } from '../../../app/extension/create-version.ts'
import { readTemplate } from '../../../app/extension/read-templates.ts'
import { defineOperation } from '../../operation.ts'
import { tagsText, text } from '../../rpc/fields.ts'
import { parseContent } from '../../template/parse-content.ts'
import { presentTemplate } from '../../template/present-template.ts'
import { contentText, resourceGroupText, templateName } from '../../template/template-fields.ts'

/**
 * Creates the next version. The content's description and category replace those of the extension.
 */
export const updateTemplate = defineOperation({
  name: 'UpdateTemplate',
  state: 'works',
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
    const { type, description, ...contents } = version
    const made = await createVersion(context, actor, TemplateName, {
      ...contents,
      versionDescription: VersionName,
      extension: { type, description, tags: Tags, resourceGroup: ResourceGroupId },
      content,
    })
    return { Template: presentTemplate(await readTemplate(context, actor, TemplateName, made.version)) }
  },
})
