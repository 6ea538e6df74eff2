import { z } from 'zod'
import { defineOperation } from '../../operation.ts'
import { boolean, instant, maxResults, nextToken, oneOf, tagsText, text } from '../../rpc/fields.ts'
import { listAllTemplates } from '../../template/list-all-templates.ts'
import { resourceGroupText, templateName } from '../../template/template-fields.ts'
import { templateSortFields } from '../../template/template-order.ts'

/** Without ShareType: the account's own templates and the public ones. */
export const listTemplates = defineOperation({
  name: 'ListTemplates',
  state: 'works',
  parameters: z.strictObject({
    TemplateName: templateName().optional(),
    TemplateType: oneOf('Automation', 'State', 'Package').optional(),
    TemplateFormat: oneOf('JSON', 'YAML').optional(),
    ShareType: oneOf('Private', 'Public').optional(),
    CreatedBy: text(256).optional(),
    CreatedDateAfter: instant().optional(),
    CreatedDateBefore: instant().optional(),
    ResourceGroupId: resourceGroupText().optional(),
    Tags: tagsText().optional(),
    Category: text(256).optional(),
    HasTrigger: boolean().optional(),
    IsExample: boolean().optional(),
    IsFavorite: boolean().optional(),
    SortField: oneOf(...templateSortFields).default('TotalExecutionCount'),
    SortOrder: oneOf('Ascending', 'Descending').default('Descending'),
    MaxResults: maxResults(),
    NextToken: nextToken(),
  }),
  resources: () => ['template/*'],
  run: listAllTemplates,
})
