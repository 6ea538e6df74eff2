import { instanceStatuses } from '../../../../../src/core/instance/instance.ts'
import {
  type FilterToken as Condition,
  filterExtensionProperties,
  filterTextProperties,
  parseInstanceFilter,
  renderVersionCondition,
} from '../../../../../src/core/instance/instance-filter.ts'

/** Filter, as in the address and in the server's query. */
export interface InstanceFilterState {
  /** Conditions as text; see core/instance/instance-filter.ts. */
  readonly filter: string
  /** Part of a name, address or ID; empty: any. */
  readonly search: string
}

/** Token of the component; free text has no property. */
export interface Token {
  readonly propertyKey?: string
  readonly operator: string
  readonly value: unknown
}

export const fixedProperties = ['status', ...filterTextProperties, ...filterExtensionProperties] as const

/** The component uses `:` for "contains". */
const shownOperators: Readonly<Record<Condition['operator'], string>> = { '=': '=', '!=': '!=', '~': ':', '!~': '!:' }

/** Operators of a property in the component's notation; the first is the default. */
export const operatorsOf = (property: string) =>
  ['status', ...filterExtensionProperties].includes(property) ? ['=', '!='] : ['=', '!=', ':', '!:']

const tagPrefix = 'tag:'

/** Parses the filter of an address; reports invalid text. */
export function listFilterTokens({ filter, search }: InstanceFilterState): {
  readonly tokens: readonly Token[]
  readonly problem?: string
} {
  const free: Token[] = search === '' ? [] : [{ operator: ':', value: search }]
  const parsed = parseInstanceFilter(filter)
  if ('problem' in parsed) return { tokens: free, problem: parsed.problem }
  return { tokens: [...parsed.tokens.map(showCondition), ...free] }
}

function showCondition(condition: Condition): Token {
  const operator = shownOperators[condition.operator]
  if (condition.property === 'tag')
    return { propertyKey: `${tagPrefix}${condition.key}`, operator, value: condition.value }
  if ('value' in condition) return { propertyKey: condition.property, operator, value: condition.value }
  const version = renderVersionCondition(condition)
  return { propertyKey: condition.property, operator, value: `${condition.extension ?? '*'}${version}` }
}

/**
 * Converts tokens to a filter, or returns the problem. The server accepts one search text: the last
 * applies.
 */
export function readFilterTokens(tokens: readonly Token[]): InstanceFilterState | { readonly problem: string } {
  const filter = tokens.flatMap((token) => (token.propertyKey === undefined ? [] : [renderToken(token)])).join(',')
  const parsed = parseInstanceFilter(filter)
  if ('problem' in parsed) return parsed
  const free = tokens.filter(({ propertyKey }) => propertyKey === undefined).at(-1)
  return { filter, search: free ? String(free.value).trim().slice(0, maxSearchLength) : '' }
}

const maxSearchLength = 128

function renderToken({ propertyKey = '', operator, value }: Token): string {
  const [written = '='] = Object.entries(shownOperators).find(([, shown]) => shown === operator) ?? []
  const text = String(value).trim().replaceAll(/[\\,]/g, String.raw`\$&`)
  return propertyKey.startsWith(tagPrefix)
    ? `${tagPrefix}${propertyKey.slice(tagPrefix.length).replaceAll(/[\\,=!~]/g, String.raw`\$&`)}${written}${text}`
    : `${propertyKey}${written}${text}`
}

/**
 * Tag keys used by tokens: the component needs their names before the server has listed all tags.
 */
export const tagKeysOf = (tokens: readonly Token[]): string[] =>
  tokens.flatMap(({ propertyKey }) => (propertyKey?.startsWith(tagPrefix) ? [propertyKey.slice(tagPrefix.length)] : []))

export const tagProperty = (key: string) => `${tagPrefix}${key}`

/** `?status=online` of links becomes a condition. */
export function withStatus({ filter, search }: InstanceFilterState, status: string): InstanceFilterState {
  const known = instanceStatuses.find((one) => one === status)
  if (!known) return { filter, search }
  return { filter: filter === '' ? `status=${known}` : `${filter},status=${known}`, search }
}
