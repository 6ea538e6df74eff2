import { sql } from 'kysely'
import type { ObjectFilter } from '../../core/access/object-filter.ts'
import type { ParameterValues } from '../../core/extension/extension.ts'
import type { AccountId, ExtensionId, InstanceId } from '../../core/id.ts'
import type { InstalledState } from '../../core/instance/instance.ts'
import type { Reason } from '../../core/reason/reason.ts'
import { andCondition, permittedInstanceCondition } from '../access/object-labels.ts'
import type { Connection } from '../database/database.ts'

export interface InstalledStateRow extends InstalledState {
  readonly instanceId: InstanceId
  /** Also for an extension that was force-deleted while it was installed. */
  readonly extensionName: string
  readonly since: Date
  readonly parameters: ParameterValues
  /** Secret values; context "execution/<executionId>". */
  readonly sealed: Buffer | null
  /** When its checks ceased to hold; null: they hold, or nothing was reported. */
  readonly driftedAt: Date | null
  readonly driftReason: Reason | null
}

/** The installed extensions of these instances, by name of the extension. */
export async function listInstalledStates(
  connection: Connection,
  accountId: AccountId,
  instanceIds: readonly InstanceId[],
): Promise<InstalledStateRow[]> {
  const { rows } = await sql<InstalledStateRow>`
    select s.instance_id as "instanceId", s.extension_id as "extensionId", coalesce(e.name, d.name, s.extension_id) as "extensionName",
      s.status, s.version, s.configuration_id as "configurationId", s.parameters_digest as "parametersDigest",
      s.execution_id as "executionId", s.since, s.parameters, s.secret_parameters_sealed as sealed,
      s.drifted_at as "driftedAt", s.drift_messages as "driftReason"
    from installed_states s
    left join extensions e on e.id = s.extension_id
    left join deleted_extensions d on d.extension_id = s.extension_id
    where s.instance_id = any(${instanceIds}) and s.account_id = ${accountId}
    order by "extensionName", s.instance_id
  `.execute(connection)
  return rows
}

/**
 * For each version of these extensions, the number of the account's instances that have it
 * installed, and of those on which a change did not complete.
 */
export async function listInstalledCounts(
  connection: Connection,
  accountId: AccountId,
  extensionIds: readonly ExtensionId[],
): Promise<{ extensionId: ExtensionId; version: number; count: number; brokenCount: number }[]> {
  const { rows } = await sql<{ extensionId: ExtensionId; version: number; count: number; brokenCount: number }>`
    select extension_id as "extensionId", version,
      count(*) filter (where status = 'installed') as count, count(*) filter (where status = 'broken') as "brokenCount"
    from installed_states
    where account_id = ${accountId} and extension_id = any(${extensionIds})
    group by extension_id, version
    order by extension_id, version
  `.execute(connection)
  return rows
}

/** An installed extension with its visible parameters. */
export interface PackageStateRow {
  readonly extensionId: ExtensionId
  readonly extensionName: string
  readonly description: string
  readonly version: number
  /** Empty if the version was force-deleted. */
  readonly versionDescription: string
  /** Without secrets. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly since: Date
}

/** Of one instance, by name of the extension, after `after`. */
export async function listPackageStateRows(
  connection: Connection,
  accountId: AccountId,
  {
    instanceId,
    names,
    after = '',
    limit,
  }: {
    readonly instanceId: InstanceId
    readonly names?: readonly string[] | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
): Promise<PackageStateRow[]> {
  const named = names === undefined ? sql`true` : sql`e.name = any(${names})`
  const { rows } = await sql<PackageStateRow>`
    select s.extension_id as "extensionId", e.name as "extensionName", e.description, s.version,
      coalesce(v.version_description, '') as "versionDescription", s.parameters, s.since
    from installed_states s
    join extensions e on e.id = s.extension_id and e.account_id = s.account_id
    left join extension_versions v on v.extension_id = s.extension_id and v.version = s.version
    where s.instance_id = ${instanceId} and s.account_id = ${accountId} and s.status = 'installed'
      and e.name > ${after} and ${named}
    order by e.name
    limit ${limit}
  `.execute(connection)
  return rows
}

/**
 * Replaces the stored state with one that a user declares. False if the instance does not exist.
 */
export async function upsertInstalledState(
  connection: Connection,
  accountId: AccountId,
  state: Omit<InstalledState, 'status'> & {
    readonly instanceId: InstanceId
    readonly parameters: Readonly<Record<string, unknown>>
    readonly secretParametersSealed: Buffer | undefined
  },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into installed_states (instance_id, extension_id, account_id, status, version, configuration_id, parameters_digest,
      parameters, secret_parameters_sealed, execution_id)
    select i.id, ${state.extensionId}, i.account_id, 'installed', ${state.version}, ${state.configurationId},
      ${state.parametersDigest}, ${JSON.stringify(state.parameters)}::jsonb, ${state.secretParametersSealed ?? null}::bytea, ${state.executionId}
    from instances i where i.id = ${state.instanceId} and i.account_id = ${accountId} and i.removed_at is null
    for share
    on conflict (instance_id, extension_id) do update set
      status = excluded.status, version = excluded.version, configuration_id = excluded.configuration_id,
      parameters_digest = excluded.parameters_digest, content_digest = null, parameters = excluded.parameters,
      secret_parameters_sealed = excluded.secret_parameters_sealed, execution_id = excluded.execution_id, since = now(), drifted_at = null,
      drift_messages = null
  `.execute(connection)
  return numAffectedRows === 1n
}

/** Returns the stored version; undefined if there was none. */
export async function deleteInstalledState(
  connection: Connection,
  accountId: AccountId,
  instanceId: InstanceId,
  extensionId: ExtensionId,
): Promise<number | undefined> {
  const { rows } = await sql<{ version: number }>`
    delete from installed_states
    where instance_id = ${instanceId} and extension_id = ${extensionId} and account_id = ${accountId}
    returning version
  `.execute(connection)
  return rows[0]?.version
}

export interface VersionCoverage {
  readonly version: number
  readonly installed: number
  readonly broken: number
}

/**
 * The distribution of an extension in the account by version, newest first; an index-only scan of
 * installed_states_by_extension.
 */
export async function listVersionCoverage(
  connection: Connection,
  accountId: AccountId,
  extensionId: ExtensionId,
  permitted?: ObjectFilter,
): Promise<VersionCoverage[]> {
  const { rows } = await sql<VersionCoverage>`
    select version, count(*) filter (where status = 'installed') as installed, count(*) filter (where status = 'broken') as broken
    from installed_states
    where account_id = ${accountId} and extension_id = ${extensionId}
      ${andCondition(permittedInstanceCondition(accountId, permitted, sql`instance_id`))}
    group by version
    order by version desc
  `.execute(connection)
  return rows
}
