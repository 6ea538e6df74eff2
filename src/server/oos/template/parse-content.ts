import { parseDocument } from 'yaml'
import { chandlerError } from '../../../core/error/errors.ts'
import { maxJsonDepth, maxOosContentBytes } from '../../../core/limits.ts'
import {
  type ContentProblem,
  type PackageVersion,
  packageFormatVersion,
} from '../../../core/oos-template/package-content.ts'
import { readPackageContent } from '../../../core/oos-template/read-package-content.ts'
import { packageContentSchema } from '../../../protocol/package-content.ts'
import type { GivenContent } from '../../app/extension/make-content.ts'
import { parseJson } from '../rpc/parse-json.ts'
import { refuseStoreReferences } from '../rpc/refuse-store-references.ts'

export interface ParsedContent {
  readonly content: GivenContent
  readonly version: PackageVersion
  /** `Parameters` as written. */
  readonly parameters: unknown
}

/**
 * Parses the content of a template: JSON or YAML, detected automatically.
 * @throws TemplateContentTooLarge, TemplateContentInvalid, TemplateTypeUnsupported
 */
export function parseContent(text: string): ParsedContent {
  if (Buffer.byteLength(text) > maxOosContentBytes)
    throw chandlerError('TemplateContentTooLarge', { maxBytes: maxOosContentBytes })
  const { value, format } = parseText(text)
  const fields = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  const formatVersion = fields.FormatVersion
  if (typeof formatVersion === 'string' && formatVersion !== packageFormatVersion)
    throw chandlerError('TemplateTypeUnsupported', { format: formatVersion })
  const checked = packageContentSchema.safeParse(value)
  if (!checked.success) throw refuse(checked.error.issues.map(describeIssue))
  const read = readPackageContent(checked.data)
  if ('problems' in read) throw refuse(read.problems)
  refuseStoreReferences('Content.Packages', fields.Packages)
  const content = { text, format, description: checked.data.Description ?? '' }
  return { content, version: read.version, parameters: fields.Parameters ?? {} }
}

function parseText(text: string): { readonly value: unknown; readonly format: 'JSON' | 'YAML' } {
  // Nearly all JSON is valid YAML; text that begins like JSON is parsed as JSON, so that its errors
  // are about JSON.
  const json = /^\s*[{[]/.test(text) ? parseJson(text) : undefined
  if (json && 'value' in json) return { value: json.value, format: 'JSON' }
  const yaml = parseYaml(text)
  if ('value' in yaml) return { value: yaml.value, format: 'YAML' }
  throw chandlerError('TemplateContentInvalid', {
    problem: json ? `it is not JSON: ${json.problem}` : `it is neither JSON nor YAML: ${yaml.problem}`,
  })
}

/** Enough for any configuration, and too few for an expansion attack: nested aliases multiply. */
const maxAliases = 100

function parseYaml(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    // `silent` would also suppress the error about a second document in the text.
    const document = parseDocument(text, { prettyErrors: false, logLevel: 'error', merge: true, uniqueKeys: true })
    const [fault] = [...document.errors, ...document.warnings]
    if (fault) return { problem: fault.message.split('\n')[0] ?? '' }
    if (document.directives?.yaml.explicit && document.directives.yaml.version !== '1.2')
      return { problem: 'only YAML 1.2 is read' }
    const value: unknown = document.toJS({ maxAliasCount: maxAliases })
    const problem = findUnkeepable(value, maxJsonDepth)
    return problem === undefined ? { value } : { problem }
  } catch (error) {
    // Nested too deeply for the parser's stack, or too many aliases: the text caused both, and only
    // their names identify them.
    if (error instanceof RangeError) return { problem: `it is nested deeper than ${maxJsonDepth}` }
    if (error instanceof ReferenceError) return { problem: error.message }
    // The parser throws a plain Error for invalid merge keys.
    if (error instanceof Error && error.message.startsWith('Merge sources'))
      return { problem: 'a merge key (<<) names something that is not a map' }
    throw error
  }
}

/** Finds values in parsed YAML that the JSON parser rejects. */
function findUnkeepable(value: unknown, depth: number): string | undefined {
  if (depth < 0) return `it is nested deeper than ${maxJsonDepth}`
  if (typeof value === 'string') {
    if (value.includes('\0')) return 'a text holds a NUL character'
    return value.isWellFormed() ? undefined : 'a text holds half of a character'
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number is none'
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, field] of Object.entries(value)) {
    if (name === '__proto__') return 'a field is named __proto__'
    const problem = findUnkeepable(name, depth) ?? findUnkeepable(field, depth - 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

function describeIssue(issue: {
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly keys?: readonly string[]
}): ContentProblem {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  return { path, message: issue.keys ? `has an unknown key: ${issue.keys.join(', ')}` : issue.message }
}

function refuse(problems: readonly ContentProblem[]) {
  const shown = problems.slice(0, 3).map(({ path, message }) => `${path.join('.') || 'the content'} ${message}`)
  const more = problems.length > shown.length ? ` (and ${problems.length - shown.length} more)` : ''
  return chandlerError('TemplateContentInvalid', { problem: `${shown.join('; ')}${more}` }, { problems })
}
