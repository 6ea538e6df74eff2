import { showVersion } from '../../../core/extension/extension.ts'
import { renderConstraints } from '../../../core/oos-template/render-package-content.ts'
import { templateIdOf } from '../../../core/oos-template/template-id.ts'
import type { ListedTemplateView, TemplateView } from '../../app/extension/read-templates.ts'
import type { PublicTemplate } from '../public-template/public-template.ts'
import { showTime } from '../rpc/show-time.ts'

export type TemplateFields = Readonly<Record<string, unknown>>

/** Renders an extension as every operation on templates returns it. */
export const presentTemplate = (row: TemplateView): TemplateFields => ({
  TemplateId: templateIdOf(row.id),
  TemplateName: row.name,
  TemplateType: 'Package',
  TemplateFormat: row.format,
  TemplateVersion: showVersion(row.version),
  VersionName: row.versionDescription,
  Description: row.description,
  Hash: row.sha256,
  ShareType: 'Private',
  HasTrigger: false,
  Tags: row.tags,
  ResourceGroupId: row.resourceGroup,
  CreatedBy: row.createdBy,
  CreatedDate: showTime(row.createdAt),
  UpdatedBy: row.updatedBy,
  UpdatedDate: showTime(row.updatedAt),
})

/** Lists contain more fields. @param publisher the account */
export const presentListedTemplate = (row: ListedTemplateView, publisher: string): TemplateFields => ({
  ...presentTemplate(row),
  Category: 'Other',
  Constraints: JSON.stringify(constraintsOf(row)),
  Publisher: publisher,
  IsFavorite: row.isFavorite,
  Popularity: -1,
  TotalExecutionCount: row.executionCount,
})

const noConstraints = { InstanceTypeFamilies: [], ImageTypes: [], OSPlatforms: [], OSVersions: [] }

/** All four lists of OOS; platforms without an equivalent are under a name of Chandler's. */
const constraintsOf = ({ scope }: TemplateView) => ({
  ...noConstraints,
  ...renderConstraints(scope),
})

/** The author of public templates, which come with the server. */
export const publicAuthor = 'ACS'

export const presentPublicTemplate = (template: PublicTemplate): TemplateFields => ({
  TemplateId: template.templateId,
  TemplateName: template.name,
  TemplateType: 'Automation',
  TemplateFormat: 'YAML',
  TemplateVersion: template.version,
  VersionName: '',
  Description: JSON.stringify(template.description),
  Hash: template.hash,
  ShareType: 'Public',
  HasTrigger: false,
  Tags: {},
  ResourceGroupId: '',
  CreatedBy: publicAuthor,
  CreatedDate: showTime(new Date(template.createdAt)),
  UpdatedBy: publicAuthor,
  UpdatedDate: showTime(new Date(template.createdAt)),
})

export const presentListedPublicTemplate = (template: PublicTemplate, isFavorite: boolean): TemplateFields => ({
  ...presentPublicTemplate(template),
  Category: 'Other',
  Constraints: JSON.stringify(noConstraints),
  Publisher: 'chandler',
  IsFavorite: isFavorite,
  Popularity: 0,
  TotalExecutionCount: -1,
})
