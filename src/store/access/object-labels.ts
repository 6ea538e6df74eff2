import { type RawBuilder, sql } from 'kysely'
import type { LabelCondition, LabelledKind, ObjectClause, ObjectFilter } from '../../core/access/object-filter.ts'
import type { LabelKey, ObjectLabels } from '../../core/access/object-labels.ts'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

interface LabelColumns {
  readonly id: RawBuilder<string>
  readonly tags: RawBuilder<unknown>
  /** Null counts as absent. */
  readonly group: RawBuilder<string>
}

/** Columns of `instances i` and `executions e`. */
const columns: Readonly<Record<LabelledKind, LabelColumns>> = {
  instance: { id: sql`i.id`, tags: sql`i.tags`, group: sql`i.resource_group` },
  execution: {
    id: sql`e.id`,
    // The tags of its targets override its own: nobody can change what it was started on.
    tags: sql`(e.tags || e.target_tags)`,
    group: sql`coalesce(nullif(e.target_group, ''), e.resource_group)`,
  },
}

/**
 * The rows of `instances i` or `executions e` that a filter permits; the SQL equivalent of
 * `matchObjectFilter`, and a test compares the two. Undefined: all rows.
 */
export function permittedCondition(
  kind: LabelledKind,
  filter: ObjectFilter | undefined,
): RawBuilder<boolean> | undefined {
  if (filter === undefined || filter === 'all') return undefined
  if (filter === 'none') return sql<boolean>`false`
  const any = (clauses: readonly ObjectClause[]) =>
    sql`(${sql.join(
      clauses.map((clause) => clauseCondition(kind, clause)),
      sql` or `,
    )})`
  const denied = filter.deny.length > 0 ? sql` and not coalesce(${any(filter.deny)}, false)` : sql``
  return sql<boolean>`(${any(filter.allow)}${denied})`
}

function clauseCondition(kind: LabelledKind, { names, conditions }: ObjectClause): RawBuilder<boolean> {
  const of = columns[kind]
  const all = [
    ...(names ? [nameCondition(kind, names)] : []),
    ...conditions.map((condition) => labelCondition(of, condition)),
  ]
  return all.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(all, sql` and `)})`
}

/** Patterns of the relative resource name. One that fixes the kind can use an index on the ids. */
function nameCondition(kind: LabelledKind, names: readonly string[]): RawBuilder<boolean> {
  const { id } = columns[kind]
  const prefix = `${kind}/`
  return sql`(${sql.join(
    names.map((name) =>
      name.startsWith(prefix)
        ? sql`${id} like ${renderLike(name.slice(prefix.length))}`
        : sql`(${prefix}::text || ${id}) like ${renderLike(name)}`,
    ),
    sql` or `,
  )})`
}

function labelCondition(of: LabelColumns, { operator, on, values }: LabelCondition): RawBuilder<boolean> {
  const value = on === 'group' ? of.group : sql<string>`(${of.tags} ->> ${on.tag})`
  // An absent value is null: it matches no value, and every negated condition holds.
  const fails = (test: RawBuilder<boolean>) => sql<boolean>`not coalesce(${test}, false)`
  switch (operator) {
    case 'StringEquals':
      return equals(of, on, values)
    case 'StringNotEquals':
      return fails(equals(of, on, values))
    case 'StringEqualsIgnoreCase':
      return equalsFolded(value, values)
    case 'StringNotEqualsIgnoreCase':
      return fails(equalsFolded(value, values))
    case 'StringLike':
      return matchesAny(value, values)
    case 'StringNotLike':
      return fails(matchesAny(value, values))
  }
}

/**
 * Bare comparisons, which the indexes instances_by_tag and instances_by_group support: null, of an
 * absent value, permits no row.
 */
const equals = ({ tags, group }: LabelColumns, on: LabelKey, values: readonly string[]): RawBuilder<boolean> =>
  on === 'group'
    ? sql`${group} = any(${values}::text[])`
    : sql`(${sql.join(
        values.map((value) => sql`${tags} @> ${JSON.stringify({ [on.tag]: value })}::jsonb`),
        sql` or `,
      )})`

const [upper, lower] = ['ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz']
const fold = (value: RawBuilder<unknown>) => sql`translate(${value}, ${upper}, ${lower})`

/** Folds ASCII letters only, like `matchCondition`, whatever the locale of the database is. */
const equalsFolded = (value: RawBuilder<string>, values: readonly string[]) =>
  sql<boolean>`${fold(value)} in (${sql.join(values.map((one) => fold(sql`${one}::text`)))})`

const matchesAny = (value: RawBuilder<string>, patterns: readonly string[]) =>
  sql<boolean>`${value} like any(${patterns.map(renderLike)}::text[])`

/** A pattern of a policy as a pattern of LIKE. */
const renderLike = (pattern: string) =>
  pattern
    .replaceAll(/[\\%_]/g, String.raw`\$&`)
    .replaceAll('*', '%')
    .replaceAll('?', '_')

/** The rows of another table whose instance a filter permits. Undefined: all rows. */
export function permittedInstanceCondition(
  accountId: AccountId,
  filter: ObjectFilter | undefined,
  instanceId: RawBuilder<unknown>,
): RawBuilder<boolean> | undefined {
  const permitted = permittedCondition('instance', filter)
  return (
    permitted &&
    sql<boolean>`${instanceId} in (select i.id from instances i where i.account_id = ${accountId} and ${permitted})`
  )
}

/** A condition as a part of a conjunction that has others before it. */
export const andCondition = (condition: RawBuilder<boolean> | undefined) => (condition ? sql`and ${condition}` : sql``)

/**
 * Undefined if the account has no such object. A removed instance has the labels that it had, so
 * that its past stays readable.
 */
export async function getObjectLabels(
  connection: Connection,
  accountId: AccountId,
  kind: LabelledKind,
  id: string,
): Promise<ObjectLabels | undefined> {
  const from = kind === 'instance' ? sql`instances i where i` : sql`executions e where e.deleted_at is null and e`
  const key = kind === 'instance' ? sql`i` : sql`e`
  const { tags, group } = columns[kind]
  const { rows } = await sql<ObjectLabels>`
    select ${tags} as tags, ${group} as "resourceGroup" from ${from}.account_id = ${accountId} and ${key}.id = ${id}
  `.execute(connection)
  return rows[0]
}
