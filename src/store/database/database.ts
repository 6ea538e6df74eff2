import { type ColumnType, type Generated, Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import { type Client, type ClientBase, Pool, type PoolClient, type PoolConfig, types } from 'pg'
import type { EarlierReasonText } from '../../core/reason/read-reason.ts'
import type { Reason } from '../../core/reason/reason.ts'
import type { AssignmentTables } from './assignment-tables.ts'
import type { AuditTables } from './audit-tables.ts'
import { guardConnection, guardedConnection } from './connection-guard.ts'
import { isDatabaseDiskFull } from './database-fault.ts'
import type { NotificationTables } from './notification-tables.ts'
import { retryTransactions } from './retry-transaction.ts'
import type { RolloutTables } from './rollout-tables.ts'
import type { SignInTables } from './sign-in-tables.ts'
import { findStatementKind, type StatementKind } from './statement-kind.ts'
import type { TrustTables } from './trust-tables.ts'

/** The tables as TypeScript types; migrations/ defines them, and a test compares the two. */
export interface Schema
  extends AssignmentTables,
    AuditTables,
    NotificationTables,
    RolloutTables,
    SignInTables,
    TrustTables {
  accounts: { id: string; name: string; created_at: Generated<Date> }
  access_keys: {
    id: string
    account_id: string
    user_name: string
    secret_sealed: Buffer | null
    secret_hash: string | null
    description: Generated<string>
    created_at: Generated<Date>
    disabled_at: Date | null
    expires_at: Date | null
    last_used_at: Date | null
    last_used_from: string | null
  }
  users: {
    account_id: string
    name: string
    description: Generated<string>
    created_at: Generated<Date>
    password_hash: string | null
    sso_issuer: string | null
    sso_subject: string | null
    service: Generated<boolean>
  }
  sessions: {
    token_hash: Buffer
    account_id: string
    user_name: string
    created_at: Date
    last_used_at: Date
    expires_at: Date
    id: Generated<string>
    source: Generated<string>
    user_agent: Generated<string>
    roles: Generated<string[]>
    sso: Generated<boolean>
  }
  roles: { account_id: string; name: string; description: Generated<string>; created_at: Generated<Date> }
  policies: {
    account_id: string
    name: string
    description: Generated<string>
    document: unknown
    created_at: Generated<Date>
    updated_at: Generated<Date>
  }
  user_policies: { account_id: string; user_name: string; policy_name: string; attached_at: Generated<Date> }
  role_policies: { account_id: string; role_name: string; policy_name: string; attached_at: Generated<Date> }
  servers: { id: string; host_name: string; started_at: Generated<Date>; heartbeat_at: Generated<Date> }
  join_tokens: {
    id: string
    account_id: string
    token_hash: Buffer
    uses: number | null
    uses_left: number | null
    expires_at: Date
    tags: Generated<Record<string, string>>
    resource_group: Generated<string>
    created_at: Generated<Date>
    revoked_at: Date | null
    role: Generated<string>
    allowed_tags: Generated<string[]>
    approve: Generated<boolean>
    boot_profile: object | null
    boot_secrets_sealed: Buffer | null
  }
  instances: {
    id: string
    account_id: string
    name: string
    public_key: Buffer
    tags: Generated<Record<string, string>>
    resource_group: Generated<string>
    facts: unknown
    connected_to: string | null
    connected_at: Date | null
    last_seen_at: Date | null
    enrolled_at: Generated<Date>
    removed_at: Date | null
    role: Generated<string>
    os_family: ColumnType<string, never, never>
    os_id: ColumnType<string, never, never>
    os_version: ColumnType<string, never, never>
    arch: ColumnType<string, never, never>
    region: ColumnType<string, never, never>
    instance_family: ColumnType<string, never, never>
    agent_version: ColumnType<string, never, never>
    search_text: ColumnType<string, never, never>
    admission: Generated<string>
    admission_reason: ColumnType<EarlierReasonText | null, string | null, string | null>
    admission_messages: Generated<Reason | null>
    admission_at: Date | null
    waits_on: string | null
    fingerprint: object | null
    other_fingerprint: object | null
    agent_runs: Generated<string[]>
    previous_public_key: Buffer | null
    key_since: Generated<Date>
    boot_token: string | null
    boot_assignments: string[] | null
    boot_execution_id: string | null
    boot_failure: object | null
    boot_due_at: Date | null
    offline_noted_at: Date | null
  }
  artifacts: { account_id: string; sha256: string; size_bytes: number; created_at: Generated<Date> }
  artifact_removals: { sha256: string; at: Generated<Date> }
  uploads: {
    id: string
    account_id: string
    created_by: string
    size_bytes: number
    created_at: Date
    touched_at: Date
    sha256: string | null
  }
  certificate_authorities: {
    account_id: string
    ordinal: number
    certificate: string
    cross_certificate: string | null
    private_key_sealed: Buffer
    created_at: Date
    overlap_ends_at: Date
  }
  acme_certificates: {
    account_id: string
    names: string
    account_key_sealed: Buffer
    certificate: string | null
    private_key_sealed: Buffer | null
    ordering_until: Date | null
    failures: Generated<number>
    next_attempt_at: Generated<Date>
  }
  acme_challenges: { account_id: string; token: string; key_authorization: string; created_at: Generated<Date> }
  secret_keys: { account_id: string; purpose: string; key_sealed: Buffer }
  buckets: { account_id: string; name: string; created_by: Generated<string>; created_at: Generated<Date> }
  objects: {
    account_id: string
    bucket: string
    key: string
    sha256: string
    size_bytes: number
    updated_at: Generated<Date>
  }
  favorite_templates: { account_id: string; template_name: string; user_name: string }
  extensions: {
    id: string
    account_id: string
    name: string
    type: string
    description: Generated<string>
    latest_version: number
    created_at: Generated<Date>
    updated_at: Generated<Date>
    tags: Generated<Record<string, string>>
    resource_group: Generated<string>
    created_by: Generated<string>
    updated_by: Generated<string>
  }
  extension_execution_counts: { extension_id: string; account_id: string; started: number }
  extension_versions: {
    extension_id: string
    version: number
    account_id: string
    version_description: Generated<string>
    scope: unknown
    parameters: unknown
    configurations: unknown
    public: Generated<boolean>
    deprecated_at: Date | null
    created_at: Generated<Date>
    content: string | null
    content_format: string | null
    content_sha256: string | null
    content_description: Generated<string>
    canonical: string | null
    created_by: Generated<string>
  }
  executions: {
    id: string
    account_id: string
    client_token: string | null
    request_digest: string
    operation: unknown
    /** Null if the execution is not of a single extension. */
    extension_id: string | null
    command_content: string | null
    secret_parameters_sealed: Buffer | null
    targets: unknown
    rate_control: unknown
    mode: string
    description: Generated<string>
    delivery_timeout_ms: number
    created_by: string
    retry_of: string | null
    rollback_of: Generated<string | null>
    assignment_id: Generated<string | null>
    assignment_generation: Generated<number | null>
    rollback_due: Generated<boolean>
    timing: Generated<object | null>
    approval: Generated<object | null>
    strict: Generated<boolean>
    skip_offline: Generated<boolean>
    status: string
    reason_code: string
    reason: ColumnType<EarlierReasonText, string, string>
    reason_messages: Generated<Reason | null>
    revision: Generated<number>
    task_count: number
    open_batch: Generated<number>
    pause_requested: Generated<boolean>
    accepted_failures: Generated<number>
    cancel_requested_at: Date | null
    completed_as: Generated<string | null>
    named_ordinal: Generated<number | null>
    tags: Generated<Record<string, string>>
    resource_group: Generated<string>
    target_tags: Generated<Record<string, string>>
    target_group: string | null
    parent_execution_id: Generated<string | null>
    origin: Generated<object | null>
    note: Generated<string>
    created_at: Generated<Date>
    started_at: Date | null
    ended_at: Date | null
    output_expired_at: Date | null
    output_expiring: Generated<boolean>
    deleted_at: Date | null
  }
  task_executions: {
    execution_id: string
    ordinal: number
    account_id: string
    batch: number
    instance_id: string
    instance_name: string
    step: string
    status: string
    reason_code: string
    reason: ColumnType<EarlierReasonText, string, string>
    reason_messages: Generated<Reason | null>
    from_version: number | null
    to_version: number | null
    configuration_id: string | null
    attempt: Generated<number>
    parameter_set: number | null
    timeout_ms: number
    exit_code: number | null
    output: string | null
    note: Generated<string>
    revision: Generated<number>
    started_at: Date | null
    ended_at: Date | null
    parts: readonly unknown[] | null
    part: number | null
    part_due: Generated<boolean>
    failure_key: Generated<string>
  }
  task_failures: { execution_id: string; failure_key: string; account_id: string; lines: readonly string[] }
  task_counts: { execution_id: string; batch: number; status: string; reason_code: string; n: number }
  invocations: {
    id: string
    execution_id: string
    ordinal: number
    attempt: number
    account_id: string
    instance_id: string
    state: string
    step: string | null
    queued_at: Generated<Date>
    sent_at: Date | null
    accepted_at: Date | null
    ended_at: Date | null
    deadline_at: Date
    cancel_requested_at: Date | null
    reason_code: string | null
    reason: ColumnType<EarlierReasonText | null, string | null, string | null>
    reason_messages: Generated<Reason | null>
    exit_code: number | null
    told_installed: Generated<boolean>
    stdout_bytes: Generated<number>
    stderr_bytes: Generated<number>
    cut_bytes: Generated<number>
    parameter_set: number | null
    timeout_ms: number
    received_bytes: Generated<number>
    part: number | null
    disowned_at: Date | null
    hand_out_error: string | null
    hand_out_failures: Generated<number>
    reboots: Generated<number>
    hand_out_after: Date | null
    script_range: Generated<object | null>
    output: Generated<string | null>
  }
  execution_parts: {
    execution_id: string
    part: number
    account_id: string
    extension_id: string
    extension_name: string
    version: number
    parameters: unknown
    parameters_digest: string
    secret_parameters_sealed: Buffer | null
    created_at: Generated<Date>
  }
  parameter_sets: {
    execution_id: string
    part: number
    number: number
    account_id: string
    extension_id: string
    parameters: unknown
    parameters_digest: string
    secret_parameters_sealed: Buffer | null
    changes: unknown
    created_at: Generated<Date>
  }
  plans: {
    id: string
    account_id: string
    created_by: string
    digest: string
    templates: readonly string[]
    created_at: Generated<Date>
  }
  plan_pages: { plan_id: string; number: number; targets: string }
  output_chunks: { invocation_id: string; stream: number; start_byte: number; at: Date; data: Buffer }
  mutation_locks: { instance_id: string; mutation_key: string; execution_id: string; ordinal: number }
  mutation_waits: {
    execution_id: string
    ordinal: number
    instance_id: string
    mutation_key: string
    waits_for: string
    released: Generated<boolean>
  }
  installed_states: {
    instance_id: string
    extension_id: string
    account_id: string
    status: string
    version: number
    configuration_id: string
    parameters_digest: string
    parameters: Generated<unknown>
    secret_parameters_sealed: Buffer | null
    execution_id: string
    since: Generated<Date>
    content_digest: string | null
    drifted_at: Date | null
    drift_messages: object | null
  }
  server_presence: { only_row: Generated<boolean>; seen_at: Date }
  deleted_extensions: { extension_id: string; account_id: string; name: string; deleted_at: Generated<Date> }
  deleted_invocations: { id: string; instance_id: string; deleted_at: Generated<Date> }
  drift: {
    id: Generated<number>
    account_id: string
    instance_id: string
    extension_id: string
    extension_name: string
    noticed_at: Generated<Date>
    expected: object | null
    found: object | null
  }
  request_nonces: { account_id: string; access_key_id: string; nonce: string; expires_at: Date }
  service_settings: { account_id: string; settings: unknown; updated_at: Generated<Date> }
  task_activity: { account_id: string; hour: Date; status: string; session: number; n: number }
}

export type Database = Kysely<Schema>
/** Statements run on the database itself or inside a transaction. */
export type Connection = Kysely<Schema> | Transaction<Schema>

// bigint columns contain sizes, revisions and counters, all far below 2^53.
types.setTypeParser(types.builtins.INT8, Number)

/** Connections of a pool. */
export const defaultPoolSize = 16

/** Creates a guarded connection pool. @param onError called for each broken idle connection */
export function createPool(connection: PoolConfig, onError: (error: Error) => void): Pool {
  // The pool awaits it, and discards a connection for which it fails; its type omits the promise.
  const onConnect: (client: ClientBase) => unknown = (client) => guardConnection(client, connection)
  const pool = new Pool({
    max: defaultPoolSize,
    connectionTimeoutMillis: 10_000,
    ...guardedConnection,
    ...connection,
    onConnect,
  })
  // The pool replaces a broken idle connection; without a listener the error would end the process.
  pool.on('error', (error) => {
    // Released connections may still report that the database stops.
    if (!pool.ending) onError(error)
  })
  // A connection that breaks in use fails its statement; the listener above reports idle ones. This
  // one only prevents an unhandled error.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const open = new Set<PoolClient>()
  pool.on('connect', (client) => open.add(client))
  pool.on('remove', (client) => open.delete(client))
  connections.set(pool, open)
  return pool
}

const connections = new WeakMap<Pool, Set<PoolClient>>()

/**
 * Terminates the connections of a pool that run statements: each statement fails and its
 * transaction is rolled back. For a process that must end before a long statement has.
 */
export function breakConnections(pool: Pool): void {
  for (const client of connections.get(pool) ?? []) void (client as unknown as Client).end()
}

/** Receives the duration of a statement, without the wait for a connection. */
export type MeasureStatement = (kind: StatementKind, seconds: number, failed: boolean, text: string) => void

/** Wraps a pool; see `retryTransactions`. */
export function createDatabase(pool: Pool, measure?: MeasureStatement): Database {
  const database: Database = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool }),
    log: (event) => {
      if (event.level === 'error' && isDatabaseDiskFull(event.error)) refusedToWrite.add(database)
      const { sql: text } = event.query
      measure?.(findStatementKind(text), event.queryDurationMillis / 1_000, event.level === 'error', text)
    },
  })
  return retryTransactions(database)
}

/** Databases whose disk was full at the last write check. Reading still works. */
const refusedToWrite = new WeakSet<Database>()

/** Rejects with the database's error if it is not usable. */
export async function checkDatabase(database: Database): Promise<void> {
  await sql`select 1`.execute(database)
  if (!refusedToWrite.has(database)) return
  // Only after a full disk, because creating and dropping a table leaves work for vacuum.
  await database.transaction().execute(async (transaction) => {
    await sql`create temporary table room_for_writing (data text) on commit drop`.execute(transaction)
    await sql`insert into room_for_writing select md5(n::text) from generate_series(1, 20000) n`.execute(transaction)
  })
  refusedToWrite.delete(database)
}
