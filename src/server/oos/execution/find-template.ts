import { chandlerError } from '../../../core/error/errors.ts'
import { parseVersion } from '../../../core/extension/extension.ts'
import { sha256Of } from '../../../lib/digest.ts'
import type { PublicTemplate } from '../public-template/public-template.ts'
import { findPublicTemplate, publicTemplates } from '../public-template/public-templates.ts'

/** A template as a request names it. */
export interface NamedTemplate {
  readonly TemplateName?: string | undefined
  readonly TemplateVersion?: string | undefined
  readonly TemplateContent?: string | undefined
  readonly TemplateURL?: string | undefined
}

/**
 * Finds the public template of a request. Any version is accepted, because there is only one of
 * each, and scripts name the version of their time. Content is accepted if it equals the content of
 * a public template.
 * @throws TemplateNotFound, TemplateUnsupported, RequestParameterMissing, RequestParameterInvalid
 */
export function findNamedTemplate(named: NamedTemplate): PublicTemplate {
  const { TemplateName, TemplateVersion, TemplateContent, TemplateURL } = named
  if (TemplateURL !== undefined)
    throw chandlerError('TemplateUnsupported', { reason: 'content is not fetched from elsewhere' })
  if (TemplateContent !== undefined) {
    const hash = sha256Of(TemplateContent)
    const template = publicTemplates.find((one) => one.hash === hash)
    if (template) return template
    throw chandlerError('TemplateUnsupported', { reason: 'TemplateContent is not the content of a public template' })
  }
  if (TemplateName === undefined) throw chandlerError('RequestParameterMissing', { name: 'TemplateName' })
  const template = findPublicTemplate(TemplateName)
  if (!template) throw chandlerError('TemplateNotFound', { name: TemplateName })
  if (TemplateVersion !== undefined && parseVersion(TemplateVersion) === undefined)
    throw chandlerError('RequestParameterInvalid', { name: 'TemplateVersion', reason: 'must be such as v1' })
  return template
}
