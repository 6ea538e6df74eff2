import { instanceStatuses } from '../../../../../src/core/instance/instance.ts'
import {
  type FilterToken as Condition,
  filterTextProperties,
  parseInstanceFilter,
} from '../../../../../src/core/instance/instance-filter.ts'

/** What is asked for, as it stands in the address and as the server takes it. */
export interface InstanceFilterState {
  /** Conditions as text; see core/instance/instance-filter.ts. */
  readonly filter: string
  /** A part of a name, an address or an id; empty: any. */
  readonly search: string
}

/** A token of the component: without a property it is what was typed freely. */
export interface Token {
  readonly propertyKey?: string
  readonly operator: string
  readonly value: unknown
}

const extensionProperties = ['extension', 'broken'] as const
export const fixedProperties = ['status', ...filterTextProperties, ...extensionProperties] as const

/** The component writes "contains" as `:`. */
const shownOperators: Readonly<Record<Condition['operator'], string>> = { '=': '=', '!=': '!=', '~': ':', '!~': '!:' }

/** Operators of a property, as the component writes them; the first is taken where none was chosen. */
export const operatorsOf = (property: string) =>
  property === 'status' || property === 'extension' || property === 'broken' ? ['=', '!='] : ['=', '!=', ':', '!:']

const tagPrefix = 'tag:'

/** The tokens of an address; what cannot be read is said. */
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
  const version = condition.version === undefined ? '' : `@v${condition.version}`
  return { propertyKey: condition.property, operator, value: `${condition.extension ?? '*'}${version}` }
}

/** What the tokens ask for, or why that cannot be asked. The server looks for one text: the newest is meant. */
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

/** Keys of tags that tokens name: they are to have a name in the component even before the server has told which tags there are. */
export const tagKeysOf = (tokens: readonly Token[]): string[] =>
  tokens.flatMap(({ propertyKey }) => (propertyKey?.startsWith(tagPrefix) ? [propertyKey.slice(tagPrefix.length)] : []))

export const tagProperty = (key: string) => `${tagPrefix}${key}`

/** `?status=online`, as other pages link here, is a condition like any other. */
export function withStatus({ filter, search }: InstanceFilterState, status: string): InstanceFilterState {
  const known = instanceStatuses.find((one) => one === status)
  if (!known) return { filter, search }
  return { filter: filter === '' ? `status=${known}` : `${filter},status=${known}`, search }
}
