import { type RawBuilder, sql } from 'kysely'
import type { ObjectFilter } from '../../core/access/object-filter.ts'
import type { AccountId } from '../../core/id.ts'
import type { ExtensionProperty, FilterTextProperty } from '../../core/instance/instance-filter.ts'
import { andCondition, permittedInstanceCondition } from '../access/object-labels.ts'
import type { Connection } from '../database/database.ts'
import { extensionStates, likeAnywhere, textColumns } from './instance-conditions.ts'
import { conditionsOf } from './instance-lists.ts'

/** Whose instances are read, and which of them the reader may see (absent: all). */
interface Readers {
  readonly accountId: AccountId
  readonly permitted?: ObjectFilter | undefined
}

export interface ValueCount {
  readonly value: string
  readonly count: number
}

interface Asked extends Readers {
  /** A case-insensitive substring of the value. */
  readonly text: string
  readonly limit: number
}

/** The values of a property, most frequent first. */
export async function listPropertyValues(
  connection: Connection,
  property: FilterTextProperty,
  { text, limit, ...readers }: Asked,
): Promise<ValueCount[]> {
  const column = textColumns[property]
  const { rows } = await sql<ValueCount>`
    select ${column} as value, count(*) as count from instances i
    where ${sql.join([...conditionsOf(readers), ...holds(column, text)], sql` and `)}
    group by 1
    order by 2 desc, 1
    limit ${limit}
  `.execute(connection)
  return rows
}

const holds = (column: RawBuilder<string>, text: string) =>
  text === '' ? [] : [sql<boolean>`${column} ilike ${likeAnywhere(text)}`]

/** The sample size, highest ids first: no index can count tags. */
const sampled = 20_000

const sample = (readers: Readers) => sql`(
  select tags from instances i where ${sql.join(conditionsOf(readers), sql` and `)} limit ${sampled}
) as sample`

/** Tag keys, and the number of sampled instances that have each. */
export async function listInstanceTagKeys(
  connection: Connection,
  { text, limit, ...readers }: Asked,
): Promise<ValueCount[]> {
  const { rows } = await sql<ValueCount>`
    select key as value, count(*) as count
    from ${sample(readers)} cross join jsonb_object_keys(sample.tags) as key
    where key ilike ${likeAnywhere(text)}
    group by key
    order by 2 desc, 1
    limit ${limit}
  `.execute(connection)
  return rows
}

/** Values of a tag, and the number of sampled instances that have each. */
export async function listInstanceTagValues(
  connection: Connection,
  key: string,
  { text, limit, ...readers }: Asked,
): Promise<ValueCount[]> {
  const { rows } = await sql<ValueCount>`
    select tags ->> ${key} as value, count(*) as count
    from ${sample(readers)}
    where tags ->> ${key} ilike ${likeAnywhere(text)}
    group by 1
    order by 2 desc, 1
    limit ${limit}
  `.execute(connection)
  return rows
}

/** Whether `listInstanceTagKeys` and `listInstanceTagValues` cover all instances. */
export async function isSampleComplete(connection: Connection, readers: Readers): Promise<boolean> {
  const { rows } = await sql<{ isMore: boolean }>`
    select exists (
      select from instances i where ${sql.join(conditionsOf(readers), sql` and `)} offset ${sampled} limit 1
    ) as "isMore"
  `.execute(connection)
  return rows[0]?.isMore === false
}

/**
 * `demo` and `demo@v2`: installed (or broken) extensions, and the number of instances that have
 * each.
 */
export async function listExtensionValues(
  connection: Connection,
  property: ExtensionProperty,
  { text, limit, ...readers }: Asked,
): Promise<ValueCount[]> {
  const { rows } = await sql<ValueCount>`
    select e.name || case when grouping(s.version) = 1 then '' else '@v' || s.version end as value, sum(s.count)::bigint as count
    from (
      select extension_id, version, count(*) as count from installed_states
      where account_id = ${readers.accountId} and ${extensionStates[property]}
        ${andCondition(permittedInstanceCondition(readers.accountId, readers.permitted, sql`instance_id`))}
      group by extension_id, version
    ) s
    join extensions e on e.id = s.extension_id
    where e.name ilike ${likeAnywhere(text)}
    group by grouping sets ((e.name), (e.name, s.version))
    order by e.name, grouping(s.version) desc, s.version desc
    limit ${limit}
  `.execute(connection)
  return rows
}
