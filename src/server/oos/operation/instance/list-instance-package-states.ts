import { z } from 'zod'
import { showVersion } from '../../../../core/extension/extension.ts'
import { templateIdOf } from '../../../../core/oos-template/template-id.ts'
import { showAccount } from '../../../app/access/show-account.ts'
import { listPackageStates } from '../../../app/instance/list-package-states.ts'
import { defineOperation } from '../../operation.ts'
import { listText, maxResults, nextToken, text } from '../../rpc/fields.ts'
import { makeOosPage, parseNextToken } from '../../rpc/next-token.ts'
import { showTime } from '../../rpc/show-time.ts'

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
    const request = { instance: InstanceId, names: TemplateNames, after, limit: MaxResults + 1 }
    const page = makeOosPage(
      name,
      await listPackageStates(context, actor, request),
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
    // OOS returns text here.
    return { PackageStates: page.items, MaxResults: String(MaxResults), NextToken: page.NextToken }
  },
})
