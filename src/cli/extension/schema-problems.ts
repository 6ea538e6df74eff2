import { suggestName } from '../../lib/suggest-name.ts'
import { nameOf, type YamlPath } from './yaml-place.ts'

/** A schema issue of protocol/, reduced to what this file uses. */
export interface SchemaIssue {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly message: string
}
/** Further properties, which depend on the issue's code. */
type IssueDetail = SchemaIssue & { readonly [detail: string]: unknown }

export interface SchemaProblem {
  readonly path: YamlPath
  /** The issue is about the key, not about its value. */
  readonly isKey: boolean
  readonly message: string
}

/**
 * The message of a schema issue for authors of YAML; suggests a similar field for an unknown one.
 */
export function explainIssue(
  given: SchemaIssue,
  value: unknown,
  fieldsAt: (path: YamlPath) => readonly string[],
): SchemaProblem[] {
  const issue = given as IssueDetail
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  const name = nameOf(path)
  const say = (message: string): SchemaProblem[] => [{ path, isKey: false, message }]
  const found = valueAt(value, path)
  const limit = Number(issue.minimum ?? issue.maximum)
  switch (issue.code) {
    case 'unrecognized_keys':
      return (issue.keys as string[]).map((key) => ({
        path: [...path, key],
        isKey: true,
        message: `unknown field "${key}"; ${suggest(key, fieldsAt(path))}`,
      }))
    case 'invalid_type':
      if (found === undefined)
        return say(`${name} is missing; it must be ${words[String(issue.expected)] ?? String(issue.expected)}`)
      return say(explainType(name, String(issue.expected), found))
    case 'invalid_value':
      return found === undefined
        ? say(`${name} is missing; use ${choices(issue.values)}`)
        : say(`${name} is ${show(found)}; use ${choices(issue.values)}`)
    case 'invalid_union':
      if (issue.discriminator !== undefined) {
        return say(
          found === undefined
            ? `${name} is missing; use ${choices(issue.options)}`
            : `${name} is ${show(found)}; use ${choices(issue.options)}`,
        )
      }
      return say(`${name} must be text, a number, true or false; it is ${describe(found)}`)
    case 'too_small':
      if (typeof found === 'number') return say(`${name} is ${found}; it must be at least ${limit}`)
      return say(`${name} is empty; add ${typeof found === 'string' ? 'a value' : 'an entry'} or remove the field`)
    case 'too_big':
      if (typeof found === 'number') return say(`${name} is ${found}; it must be at most ${limit}`)
      return say(`${name} is too long; the limit is ${limit} ${typeof found === 'string' ? 'characters' : 'entries'}`)
    case undefined:
    default:
      return say(`${name} ${issue.message}`.replace(/^(\S+) \1 /, '$1 '))
  }
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'fields (name: value)',
  record: 'fields (name: value)',
  array: 'a list',
}

function explainType(name: string, expected: string, given: unknown): string {
  const must = `${name} must be ${words[expected] ?? expected}; it is ${describe(given)}`
  // Unquoted 22.10 is the number 22.1: the parser has already dropped the digit.
  return expected === 'string' && (typeof given === 'number' || typeof given === 'boolean')
    ? `${must}: put it in quotes`
    : must
}

function describe(given: unknown): string {
  if (given === null || given === undefined) return 'empty'
  if (Array.isArray(given)) return 'a list'
  if (typeof given === 'object') return 'a group of fields'
  return typeof given === 'string' ? `the text ${show(given)}` : show(given)
}

const maxShown = 60
const show = (value: unknown): string => {
  if (typeof value === 'object' && value !== null) return describe(value)
  const text = JSON.stringify(value) ?? ''
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text
}

const choices = (values: unknown) => {
  const list = (values as readonly unknown[]).map(String)
  return [list.slice(0, -1).join(', '), list.at(-1)].filter(Boolean).join(' or ')
}

function valueAt(value: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>(
    (at, part) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, part)
        ? (at as Record<string | number, unknown>)[part]
        : undefined,
    value,
  )
}

function suggest(key: string, fields: readonly string[]): string {
  const near = suggestName(key, fields)
  if (near !== undefined) return `did you mean ${near}?`
  return fields.length > 0 ? `known fields: ${fields.join(', ')}` : 'remove it'
}
