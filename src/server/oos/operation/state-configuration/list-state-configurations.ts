import { z } from 'zod'
import { readStateConfigurations } from '../../../app/assignment/state-configurations.ts'
import { defineOperation } from '../../operation.ts'
import { listText, maxResults, nextToken, text } from '../../rpc/fields.ts'
import { makeOosPage, parseNextToken } from '../../rpc/next-token.ts'
import { templateName } from '../../template/template-fields.ts'
import { showStateConfiguration } from './show-state-configuration.ts'

const name = 'ListStateConfigurations'

export const listStateConfigurations = defineOperation({
  name,
  state: 'works',
  parameters: z.strictObject({
    MaxResults: maxResults(),
    NextToken: nextToken(),
    StateConfigurationIds: listText({ max: 100 }).optional(),
    TemplateName: templateName().optional(),
    TemplateVersion: text(64).optional(),
  }),
  resources: ({ StateConfigurationIds = ['*'] }) => StateConfigurationIds.map((id) => `assignment/${id}`),
  async run({ context, actor }, { MaxResults, NextToken, StateConfigurationIds, TemplateName, TemplateVersion }) {
    const [after = ''] = parseNextToken(name, NextToken, z.tuple([z.string()])) ?? []
    // An account has at most 200 assignments; they are sorted by name.
    const records = (await readStateConfigurations(context, actor)).filter(
      ({ row }) =>
        row.name > after &&
        (StateConfigurationIds?.includes(row.name) ?? true) &&
        (TemplateName === undefined || row.extension === TemplateName) &&
        (TemplateVersion === undefined || row.version === TemplateVersion),
    )
    const page = makeOosPage(
      name,
      records.slice(0, MaxResults + 1),
      MaxResults,
      ({ row }) => [row.name],
      (record) => showStateConfiguration(record),
    )
    return { StateConfigurations: page.items, NextToken: page.NextToken }
  },
})
