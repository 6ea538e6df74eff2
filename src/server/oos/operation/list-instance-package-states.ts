import { z } from 'zod'
import { showVersion } from '../../../core/extension.ts'
import { templateIdOf } from '../../../core/template-id.ts'
import { listPackageStates } from '../../app/list-package-states.ts'
import { showAccount } from '../../app/show-account.ts'
import { listText, maxResults, nextToken, text } from '../fields.ts'
import { makePage, parseNextToken } from '../next-token.ts'
import { defineOperation } from '../operation.ts'
import { showTime } from '../show-time.ts'

const name = 'ListInstancePackageStates'

export const listInstancePackageStates = defineOperation({
  name,
  state: 'works',
  parameters: z.strictObject({
    InstanceId: text(256),
    TemplateNames: listText({ max: 100 }).optional(),
    MaxResults: maxResults(),
    NextToken: nextToken(),
  }),
  resources: ({ TemplateNames = ['*'] }) => TemplateNames.map((template) => `template/${template}`),
  async run({ context, actor }, { InstanceId, TemplateNames, MaxResults, NextToken }) {
    const [after] = parseNextToken(name, NextToken, z.tuple([z.string()])) ?? []
    const question = { instance: InstanceId, names: TemplateNames, after, limit: MaxResults + 1 }
    const page = makePage(
      name,
      await listPackageStates(context, actor, question),
      MaxResults,
      ({ extensionName }) => [extensionName],
      (row) => ({
        TemplateId: templateIdOf(row.extensionId),
        TemplateName: row.extensionName,
        TemplateVersion: showVersion(row.version),
        TemplateVersionName: row.versionDescription,
        TemplateCategory: 'Package',
        Description: row.description,
        Publisher: showAccount(context, actor.accountId),
        Parameters: JSON.stringify(row.parameters),
        UpdateTime: showTime(row.since),
      }),
    )
    // A text, as OOS has it here.
    return { PackageStates: page.items, MaxResults: String(MaxResults), NextToken: page.NextToken }
  },
})
