import { type RawBuilder, sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { InstanceStatus } from '../../core/instance/instance.ts'
import {
  type FilterOperator,
  type FilterTextProperty,
  type FilterToken,
  parseInstanceFilter,
} from '../../core/instance/instance-filter.ts'
import type { Targets } from '../../core/plan/targets.ts'
import { isOnline } from './instances.ts'

/** Targets as a condition on the table `instances i`; says in SQL what core/plan/targets.ts says in words, and a test compares the two. */
export function targetsCondition(accountId: AccountId, targets: Targets): RawBuilder<boolean> {
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
      if ('problem' in parsed) throw new Error(`a filter that was validated cannot be read: ${parsed.problem}`)
      return sql<boolean>`(${sql.join(
        parsed.tokens.map((token) => tokenCondition(accountId, token)),
        sql` and `,
      )})`
    }
  }
}

/** An instance that no operator has approved yet is no part of the account's fleet. */
export const isApproved = sql<boolean>`i.admission <> 'pending'`

/** A pattern for texts that hold this one; what is special in patterns is not in it. */
export const likeAnywhere = (text: string) => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`

export const statusCondition = (status: InstanceStatus) =>
  status === 'online' ? isOnline : sql<boolean>`not ${isOnline}`

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
/** Letters that a column of a fact holds; see the migration. */
const cutLength = 48

export function tokenCondition(accountId: AccountId, token: FilterToken): RawBuilder<boolean> {
  switch (token.property) {
    case 'status':
      return statusCondition((token.operator === '=') === (token.value === 'online') ? 'online' : 'offline')
    case 'tag':
      return tagCondition(token.key, token.operator, token.value)
    case 'extension':
    case 'broken':
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
  // In the words of the index instances_by_tag.
  const has = sql<boolean>`i.tags @> ${JSON.stringify({ [key]: value })}::jsonb`
  if (operator === '=') return has
  if (operator === '!=') return sql<boolean>`not ${has}`
  return compareText(sql`coalesce(i.tags ->> ${key}, '')`, operator, value)
}

/** What has it is looked up once for all rows (a hash), also where most have it and few are looked for. */
function extensionCondition(
  accountId: AccountId,
  { property, operator, extension, version }: Extract<FilterToken, { property: 'extension' | 'broken' }>,
): RawBuilder<boolean> {
  const status = property === 'broken' ? 'broken' : 'installed'
  return sql<boolean>`i.id ${operator === '=' ? sql`in` : sql`not in`} (
    select s.instance_id from installed_states s
    where s.account_id = ${accountId} and s.status = ${status}
      ${
        extension === undefined
          ? sql``
          : sql`and s.extension_id = any(array(
              select id from extensions where account_id = ${accountId} and name = ${extension}
              union all
              select extension_id from deleted_extensions where account_id = ${accountId} and name = ${extension}
            ))`
      }
      ${version === undefined ? sql`` : sql`and s.version = ${version}`}
  )`
}
