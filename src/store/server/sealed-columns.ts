import { sql } from 'kysely'
import type { Connection } from '../database/database.ts'

/** A column whose values are sealed with the secret key. */
export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** The primary key. */
  readonly key: readonly string[]
  /** A value is sealed for the context `PREFIX/VALUE OF THE COLUMN`. */
  readonly context: readonly [prefix: string, column: string]
}

const secretParameters = { column: 'secret_parameters_sealed' } as const

/** Every column with sealed values; a test compares it with the schema. */
export const sealedColumns: readonly SealedColumn[] = [
  { table: 'access_keys', column: 'secret_sealed', key: ['id'], context: ['access-key', 'id'] },
  { table: 'executions', ...secretParameters, key: ['id'], context: ['execution', 'id'] },
  {
    table: 'execution_parts',
    ...secretParameters,
    key: ['execution_id', 'part'],
    context: ['execution', 'execution_id'],
  },
  {
    table: 'parameter_sets',
    ...secretParameters,
    key: ['execution_id', 'part', 'number'],
    context: ['execution', 'execution_id'],
  },
  {
    table: 'installed_states',
    ...secretParameters,
    key: ['instance_id', 'extension_id'],
    context: ['execution', 'execution_id'],
  },
  {
    table: 'state_changes',
    column: 'before_sealed',
    key: ['execution_id', 'instance_id', 'extension_id'],
    context: ['execution', 'before_execution_id'],
  },
  { table: 'webhooks', column: 'target_sealed', key: ['id'], context: ['webhook', 'id'] },
  {
    table: 'second_factors',
    column: 'secret_sealed',
    key: ['account_id', 'user_name'],
    context: ['second-factor', 'id'],
  },
  { table: 'secrets', column: 'value_sealed', key: ['id'], context: ['secret', 'id'] },
  { table: 'schedules', column: 'request_sealed', key: ['id'], context: ['schedule', 'id'] },
  { table: 'join_tokens', column: 'boot_secrets_sealed', key: ['id'], context: ['join-token', 'id'] },
  { table: 'assignments', ...secretParameters, key: ['id'], context: ['assignment', 'id'] },
  {
    table: 'certificate_authorities',
    column: 'private_key_sealed',
    key: ['account_id', 'ordinal'],
    context: ['certificate-authority', 'ordinal'],
  },
  {
    table: 'acme_certificates',
    column: 'account_key_sealed',
    key: ['account_id', 'names'],
    context: ['acme-account', 'names'],
  },
  {
    table: 'acme_certificates',
    column: 'private_key_sealed',
    key: ['account_id', 'names'],
    context: ['acme-certificate', 'names'],
  },
  { table: 'execution_plans', column: 'salt_sealed', key: ['execution_id'], context: ['execution', 'execution_id'] },
  { table: 'secret_keys', column: 'key_sealed', key: ['account_id', 'purpose'], context: ['secret-key', 'purpose'] },
]

/** One sealed value. */
export interface SealedValue {
  /** Position of its row, for `after` and `updateSealedValues`. */
  readonly place: readonly string[]
  readonly context: string
  readonly sealed: Buffer
}

/** Up to `limit` values in the order of the primary key, after a place; locks their rows with `forUpdate`. */
export async function listSealedValues(
  connection: Connection,
  { table, column, key, context: [prefix, of] }: SealedColumn,
  after: readonly string[] | undefined,
  limit: number,
  { forUpdate }: { readonly forUpdate: boolean },
): Promise<SealedValue[]> {
  const keyColumns = sql.join(key.map((name) => sql.ref(name)))
  const { rows } = await sql<SealedValue>`
    select array[${sql.join(key.map((name) => sql`${sql.ref(name)}::text`))}] as place,
      ${`${prefix}/`} || ${sql.ref(of)}::text as context, ${sql.ref(column)} as sealed
    from ${sql.table(table)}
    where ${sql.ref(column)} is not null ${after === undefined ? sql`` : sql`and (${keyColumns}) > (${sql.join(after)})`}
    order by ${keyColumns} limit ${limit} ${forUpdate ? sql`for update` : sql``}
  `.execute(connection)
  return rows
}

/** Replaces values; the rows are those of `listSealedValues`. */
export async function updateSealedValues(
  connection: Connection,
  { table, column, key }: SealedColumn,
  values: readonly Pick<SealedValue, 'place' | 'sealed'>[],
): Promise<void> {
  const places = key.map((name, index) => ({ name, list: values.map(({ place }) => place[index] ?? '') }))
  await sql`
    update ${sql.table(table)} t set ${sql.ref(column)} = n.sealed
    from unnest(
      ${values.map(({ sealed }) => sealed)}::bytea[],
      ${sql.join(places.map(({ list }) => sql`${list}::text[]`))}
    ) as n (sealed, ${sql.join(places.map(({ name }) => sql.ref(name)))})
    where ${sql.join(
      places.map(({ name }) => sql`${sql.ref(`t.${name}`)}::text = ${sql.ref(`n.${name}`)}`),
      sql` and `,
    )}
  `.execute(connection)
}
