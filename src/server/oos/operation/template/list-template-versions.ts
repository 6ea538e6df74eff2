import { z } from 'zod'
import { showVersion } from '../../../../core/extension/extension.ts'
import { listTemplateVersions as listVersions } from '../../../app/extension/read-templates.ts'
import { defineOperation } from '../../operation.ts'
import { findPublicTemplate } from '../../public-template/public-templates.ts'
import { maxResults, nextToken, oneOf } from '../../rpc/fields.ts'
import { makeOosPage, parseNextToken } from '../../rpc/next-token.ts'
import { showTime } from '../../rpc/show-time.ts'
import { presentPublicTemplate, type TemplateFields } from '../../template/present-template.ts'
import { templateName } from '../../template/template-fields.ts'

const name = 'ListTemplateVersions'

export const listTemplateVersions = defineOperation({
  name,
  state: 'works',
  parameters: z.strictObject({
    TemplateName: templateName(),
    ShareType: oneOf('Private', 'Public').optional(),
    MaxResults: maxResults(),
    NextToken: nextToken(),
  }),
  resources: ({ TemplateName }) => [`template/${TemplateName}`],
  run: async ({ context, actor }, { TemplateName, ShareType, MaxResults, NextToken }) => {
    const [before] = parseNextToken(name, NextToken, z.tuple([z.int().positive()])) ?? []
    const published = ShareType === 'Private' ? undefined : findPublicTemplate(TemplateName)
    if (published || ShareType === 'Public')
      return {
        MaxResults,
        NextToken: '',
        TemplateVersions: published ? [versionOf(presentPublicTemplate(published))] : [],
      }
    const rows = await listVersions(context, actor, TemplateName, { before, limit: MaxResults + 1 })
    const page = makeOosPage(
      name,
      rows,
      MaxResults,
      ({ version }) => [version],
      (row) => ({
        Description: row.description,
        TemplateFormat: row.format,
        TemplateVersion: showVersion(row.version),
        UpdatedBy: row.versionCreatedBy,
        UpdatedDate: showTime(row.versionCreatedAt),
        VersionName: row.versionDescription,
      }),
    )
    return { MaxResults, NextToken: page.NextToken, TemplateVersions: page.items }
  },
})

const versionOf = ({
  Description,
  TemplateFormat,
  TemplateVersion,
  UpdatedBy,
  UpdatedDate,
  VersionName,
}: TemplateFields) => ({ Description, TemplateFormat, TemplateVersion, UpdatedBy, UpdatedDate, VersionName })
