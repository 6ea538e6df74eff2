import { parseVersion } from '../extension/extension.ts'
import { instanceStatuses } from './instance.ts'

/** Facts and labels that a filter compares as text. */
export const filterTextProperties = [
  'name',
  'id',
  'os',
  'osVersion',
  'osFamily',
  'arch',
  'region',
  'family',
  'agent',
  'group',
  'role',
  'admission',
] as const
export type FilterTextProperty = (typeof filterTextProperties)[number]

/** `~` matches a case-insensitive substring. */
export const filterOperators = ['=', '!=', '~', '!~'] as const
export type FilterOperator = (typeof filterOperators)[number]
type Equality = Extract<FilterOperator, '=' | '!='>

/** `extension=demo@<v3`. */
export const versionComparisons = ['<=', '>=', '<', '>'] as const
export type VersionComparison = (typeof versionComparisons)[number]

/** What a filter says about an extension. `drifted`: installed, and no longer as it was installed. */
export const filterExtensionProperties = ['extension', 'broken', 'drifted'] as const
export type ExtensionProperty = (typeof filterExtensionProperties)[number]

/** One condition on an instance; all conditions of a filter must hold. */
export type FilterToken =
  | { readonly property: FilterTextProperty; readonly operator: FilterOperator; readonly value: string }
  | { readonly property: 'status'; readonly operator: Equality; readonly value: (typeof instanceStatuses)[number] }
  /** `!=` also holds for an instance without the tag. */
  | { readonly property: 'tag'; readonly key: string; readonly operator: FilterOperator; readonly value: string }
  /**
   * Has an extension (any, if none is named) installed, broken or drifted, in the given version, if
   * any, or in one that compares so with it.
   */
  | {
      readonly property: ExtensionProperty
      readonly operator: Equality
      readonly extension?: string | undefined
      readonly version?: number | undefined
      /** Absent: the version itself. */
      readonly comparison?: VersionComparison | undefined
    }

/** More than a user can read in one line. */
const maxTokens = 32
const maxValueLength = 128

/**
 * Parses a filter: comma-separated conditions such as
 * `os=debian,tag:env!=prod,name~web,extension=demo@v2,broken=*`. `\` escapes the next character (a
 * comma in a value; `=`, `!` or `~` in a tag key). There are no wildcards: `name=web-*` would match
 * nothing without notice, so a `*` has to be escaped. Returns the problem if it is invalid.
 */
export function parseInstanceFilter(
  text: string,
): { readonly tokens: readonly FilterToken[] } | { readonly problem: string } {
  const tokens: FilterToken[] = []
  for (const words of splitConditions(text)) {
    const token = parseToken(words)
    if ('problem' in token) return token
    tokens.push(token)
    if (tokens.length > maxTokens) return { problem: `it has more than ${maxTokens} conditions` }
  }
  return { tokens }
}

/** The text that `parseInstanceFilter` parses to these conditions. */
export const renderInstanceFilter = (tokens: readonly FilterToken[]): string => tokens.map(renderToken).join(',')

function renderToken(token: FilterToken): string {
  if (token.property === 'tag')
    return `tag:${token.key.replaceAll(/[\\,=!~]/g, '\\$&')}${token.operator}${escapeValue(token.value)}`
  if ('value' in token)
    return `${token.property}${token.operator}${escapeValue(token.value).replaceAll('*', String.raw`\*`)}`
  const version = renderVersionCondition(token)
  return `${token.property}${token.operator}${escapeValue(token.extension ?? '*')}${version}`
}

/** `@v3`, `@<v3`, or empty without a version. */
export const renderVersionCondition = ({
  version,
  comparison,
}: Pick<Extract<FilterToken, { property: ExtensionProperty }>, 'version' | 'comparison'>): string =>
  version === undefined ? '' : `@${comparison ?? ''}v${version}`

const escapeValue = (value: string) => value.replaceAll(/[\\,]/g, '\\$&')

interface Words {
  readonly left: string
  /** Absent if there is none. */
  readonly operator?: FilterOperator
  readonly value: string
  /** The value has a `*` without a `\` before it. */
  readonly hasStar: boolean
}

/** Splits the text into conditions; empty ones are ignored. */
function splitConditions(text: string): Words[] {
  const found: Words[] = []
  let left = ''
  let operator: FilterOperator | undefined
  let value = ''
  let hasStar = false
  const finish = () => {
    if (left !== '' || operator !== undefined)
      found.push({ left: left.trim(), ...(operator && { operator }), value, hasStar })
    left = ''
    value = ''
    hasStar = false
    operator = undefined
  }
  for (const [piece] of text.matchAll(/\\[^]|!=|!~|[^]/gu)) {
    const letter = piece.startsWith('\\') && piece.length > 1 ? piece.slice(1) : undefined
    if (letter === undefined && piece === ',') finish()
    else if (operator !== undefined) {
      value += letter ?? piece
      hasStar ||= piece === '*'
    } else if (letter === undefined && isOperator(piece)) operator = piece
    else left += letter ?? piece
  }
  finish()
  return found
}

const isOperator = (text: string): text is FilterOperator => (filterOperators as readonly string[]).includes(text)
const isTextProperty = (text: string): text is FilterTextProperty =>
  (filterTextProperties as readonly string[]).includes(text)

function parseToken({ left, operator, value, hasStar }: Words): FilterToken | { readonly problem: string } {
  if (operator === undefined) return { problem: `"${clip(left)}" says nothing; write PROPERTY=VALUE, with !=, ~ or !~` }
  if (value.length > maxValueLength)
    return { problem: `the value for ${clip(left)} has more than ${maxValueLength} letters` }
  if (isTextProperty(left) && hasStar)
    return {
      problem: String.raw`"*" is no wildcard: ${left}~TEXT matches a part of the value, and \* the character itself`,
    }
  if (isTextProperty(left)) return { property: left, operator, value }
  if (left.startsWith('tag:')) {
    const key = left.slice('tag:'.length)
    return key === ''
      ? { problem: 'the tag key is missing; use tag:KEY=VALUE' }
      : { property: 'tag', key, operator, value }
  }
  const extensionProperty = filterExtensionProperties.find((one) => one === left)
  if (left === 'status' || extensionProperty) {
    if (operator !== '=' && operator !== '!=') return { problem: `${left} takes = and !=, not ${operator}` }
    return extensionProperty ? parseExtension(extensionProperty, operator, value) : parseStatus(operator, value)
  }
  const known = ['status', ...filterTextProperties, 'tag:KEY', ...filterExtensionProperties].join(', ')
  return { problem: `"${clip(left)}" is not one of ${known}` }
}

function parseStatus(operator: Equality, value: string): FilterToken | { readonly problem: string } {
  const status = instanceStatuses.find((one) => one === value)
  return status
    ? { property: 'status', operator, value: status }
    : { problem: `a status is ${instanceStatuses.join(' or ')}` }
}

function parseExtension(
  property: ExtensionProperty,
  operator: Equality,
  value: string,
): FilterToken | { readonly problem: string } {
  const [extension = '', ...rest] = value.split('@')
  if (extension === '') return { problem: `${property} names an extension, or * for any` }
  if (extension === '*' && rest.length === 0) return { property, operator }
  if (rest.length === 0) return { property, operator, extension }
  const label = rest.join('@')
  const comparison = versionComparisons.find((one) => label.startsWith(one))
  const version = parseVersion(label.slice(comparison?.length ?? 0))
  return version === undefined || extension === '*'
    ? { problem: `"${clip(value)}" is not NAME, NAME@vN or NAME@<vN` }
    : { property, operator, extension, version, ...(comparison && { comparison }) }
}

const clip = (text: string) => (text.length > 64 ? `${text.slice(0, 64)}…` : text)
