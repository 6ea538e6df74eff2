import { type RawBuilder, sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { InstanceStatus } from '../../core/instance/instance.ts'
import {
  type ExtensionProperty,
  type FilterOperator,
  type FilterTextProperty,
  type FilterToken,
  parseInstanceFilter,
  type VersionComparison,
} from '../../core/instance/instance-filter.ts'
import type { ResolvedTargets } from '../../core/plan/targets.ts'
import { isOnline } from './instances.ts'

/**
 * Targets as a condition on the table `instances i`; the SQL equivalent of core/plan/targets.ts,
 * and a test compares the two.
 */
export function targetsCondition(accountId: AccountId, targets: ResolvedTargets): RawBuilder<boolean> {
  switch (targets.kind) {
    case 'all':
      return sql<boolean>`true`
    case 'ids':
      return sql<boolean>`i.id = any(${targets.ids})`
    case 'names':
      return sql<boolean>`i.name = any(${targets.names})`
    case 'tags':
      return sql<boolean>`i.tags @> ${JSON.stringify(targets.tags)}::jsonb`
    case 'group':
      return sql<boolean>`i.resource_group = ${targets.group}`
    case 'filter': {
      const parsed = parseInstanceFilter(targets.filter)
      if ('problem' in parsed) throw new Error(`a validated filter cannot be parsed: ${parsed.problem}`)
      return sql<boolean>`(${sql.join(
        parsed.tokens.map((token) => tokenCondition(accountId, token)),
        sql` and `,
      )})`
    }
  }
}

/** An instance that no operator has approved yet does not belong to the account's fleet. */
export const isApproved = sql<boolean>`i.admission <> 'pending'`

/** A pattern for texts that contain this one; special characters are escaped. */
export const likeAnywhere = (text: string) => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`

/** A condition on the table `instances i`. */
export const statusCondition = (status: InstanceStatus) =>
  status === 'online' ? isOnline : sql<boolean>`not ${isOnline}`

/** The column of each text property of a filter. */
export const textColumns: Readonly<Record<FilterTextProperty, RawBuilder<string>>> = {
  name: sql`i.name`,
  id: sql`i.id`,
  os: sql`i.os_id`,
  osVersion: sql`i.os_version`,
  osFamily: sql`i.os_family`,
  arch: sql`i.arch`,
  region: sql`i.region`,
  family: sql`i.instance_family`,
  agent: sql`i.agent_version`,
  group: sql`i.resource_group`,
  role: sql`i.role`,
  admission: sql`i.admission`,
}
/** The number of characters that a fact's column stores; see the migration. */
const cutLength = 48

/** One filter condition on the table `instances i`. */
export function tokenCondition(accountId: AccountId, token: FilterToken): RawBuilder<boolean> {
  switch (token.property) {
    case 'status':
      return statusCondition((token.operator === '=') === (token.value === 'online') ? 'online' : 'offline')
    case 'tag':
      return tagCondition(token.key, token.operator, token.value)
    case 'extension':
    case 'broken':
    case 'drifted':
      return extensionCondition(accountId, token)
    case 'name':
    case 'id':
    case 'group':
    case 'role':
    case 'admission':
      return compareText(textColumns[token.property], token.operator, token.value)
    case 'os':
    case 'osVersion':
    case 'osFamily':
    case 'arch':
    case 'region':
    case 'family':
    case 'agent':
      return compareText(textColumns[token.property], token.operator, token.value.slice(0, cutLength))
  }
}

function compareText(column: RawBuilder<unknown>, operator: FilterOperator, value: string): RawBuilder<boolean> {
  switch (operator) {
    case '=':
      return sql<boolean>`${column} = ${value}`
    case '!=':
      return sql<boolean>`${column} <> ${value}`
    case '~':
      return sql<boolean>`${column} ilike ${likeAnywhere(value)}`
    case '!~':
      return sql<boolean>`${column} not ilike ${likeAnywhere(value)}`
  }
}

function tagCondition(key: string, operator: FilterOperator, value: string): RawBuilder<boolean> {
  // The expression of the index instances_by_tag.
  const has = sql<boolean>`i.tags @> ${JSON.stringify({ [key]: value })}::jsonb`
  if (operator === '=') return has
  if (operator === '!=') return sql<boolean>`not ${has}`
  return compareText(sql`coalesce(i.tags ->> ${key}, '')`, operator, value)
}

const comparisons: Readonly<Record<VersionComparison | '=', RawBuilder<unknown>>> = {
  '=': sql`=`,
  '<': sql`<`,
  '<=': sql`<=`,
  '>': sql`>`,
  '>=': sql`>=`,
}

/** Conditions on the table installed_states. */
export const extensionStates: Readonly<Record<ExtensionProperty, RawBuilder<boolean>>> = {
  extension: sql`status = 'installed'`,
  broken: sql`status = 'broken'`,
  drifted: sql`status = 'installed' and drifted_at is not null`,
}

/**
 * The subquery is evaluated once for all rows (hashed), also if most instances have the extension
 * and few rows are requested.
 */
function extensionCondition(
  accountId: AccountId,
  { property, operator, extension, version, comparison }: Extract<FilterToken, { property: ExtensionProperty }>,
): RawBuilder<boolean> {
  return sql<boolean>`i.id ${operator === '=' ? sql`in` : sql`not in`} (
    select s.instance_id from installed_states s
    where s.account_id = ${accountId} and ${extensionStates[property]}
      ${
        extension === undefined
          ? sql``
          : sql`and s.extension_id = any(array(
              select id from extensions where account_id = ${accountId} and name = ${extension}
              union all
              select extension_id from deleted_extensions where account_id = ${accountId} and name = ${extension}
            ))`
      }
      ${version === undefined ? sql`` : sql`and s.version ${comparisons[comparison ?? '=']} ${version}`}
  )`
}
