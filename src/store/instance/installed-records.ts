import { sql } from 'kysely'
import type { InstanceId } from '../../core/id.ts'
import type { ComparedState, InstalledDifference, KnownState } from '../../core/instance/reconcile-installed.ts'
import type { Connection } from '../database/database.ts'

export type FoundDifference = InstalledDifference & {
  readonly instanceId: InstanceId
  /** As the instance names it. */
  readonly extensionName: string
}

/**
 * The number of drift entries per instance: a clone that alternates with its original must not fill
 * the table.
 */
const keptDrift = 100

/** The stored states of these instances, for comparison with the instances' own records. */
export async function listKnownStates(
  connection: Connection,
  instanceIds: readonly InstanceId[],
): Promise<(KnownState & { readonly instanceId: InstanceId })[]> {
  const { rows } = await sql<KnownState & { readonly instanceId: InstanceId; readonly contentDigest: string | null }>`
    select instance_id as "instanceId", extension_id as "extensionId", status, version, configuration_id as "configurationId",
      parameters_digest as "parametersDigest", content_digest as "contentDigest", execution_id like 'told-%' as "isDeclared"
    from installed_states where instance_id = any(${instanceIds})
  `.execute(connection)
  return rows.map(({ contentDigest, ...row }) => ({ ...row, contentDigest: contentDigest ?? undefined }))
}

/**
 * Replaces the stored state with the instances' records, and stores the differences. An instance
 * cannot have an extension of another account; one that is in no account was force-deleted. The
 * parameters are those of the newest execution with the same digest.
 */
export async function applyInstalledRecords(
  connection: Connection,
  differences: readonly FoundDifference[],
): Promise<void> {
  if (differences.length === 0) return
  const reported = sql`unnest(
    ${differences.map((one) => one.instanceId)}::text[], ${differences.map((one) => one.extensionId)}::text[],
    ${differences.map((one) => one.extensionName)}::text[], ${differences.map((one) => one.isDrift)}::boolean[],
    ${differences.map(({ expected }) => describe(expected))}::jsonb[], ${differences.map(({ found }) => describe(found))}::jsonb[]
  ) as d (instance_id, extension_id, extension_name, is_drift, expected, found)`
  await sql`
    with reported as materialized (
      select d.*, i.account_id, e.name from ${reported}
      join instances i on i.id = d.instance_id and i.removed_at is null
      left join extensions e on e.id = d.extension_id
      where e.id is null or e.account_id = i.account_id
        or exists (select from extension_versions v where v.extension_id = e.id and v.public)
    ), removed as (
      delete from installed_states s using reported t
      where t.found is null and s.instance_id = t.instance_id and s.extension_id = t.extension_id
    ), noted as (
      insert into drift (account_id, instance_id, extension_id, extension_name, expected, found)
      select account_id, instance_id, extension_id, coalesce(name, extension_name), expected, found from reported where is_drift
    )
    insert into installed_states (instance_id, extension_id, account_id, status, version, configuration_id, parameters_digest,
      content_digest, parameters, secret_parameters_sealed, execution_id)
    select t.instance_id, t.extension_id, t.account_id, t.found ->> 'status', (t.found ->> 'version')::int,
      t.found ->> 'configurationId', t.found ->> 'parametersDigest', t.found ->> 'contentDigest',
      coalesce(b.parameters, '{}'), b.secret_parameters_sealed, coalesce(b.id, 'found')
    from reported t
    left join lateral (
      (select r.id, r.created_at, r.operation -> 'parameters' as parameters, r.secret_parameters_sealed from executions r
        where r.extension_id = t.extension_id and r.operation ->> 'parametersDigest' = t.found ->> 'parametersDigest'
        order by r.created_at desc limit 1)
      union all
      (select r.execution_id, r.created_at, r.parameters, r.secret_parameters_sealed from execution_parts r
        where r.extension_id = t.extension_id and r.parameters_digest = t.found ->> 'parametersDigest'
        order by r.created_at desc limit 1)
      union all
      (select r.execution_id, r.created_at, r.parameters, r.secret_parameters_sealed from parameter_sets r
        where r.extension_id = t.extension_id and r.parameters_digest = t.found ->> 'parametersDigest'
        order by r.created_at desc limit 1)
      order by 2 desc limit 1
    ) b on true
    where t.found is not null
    order by t.instance_id, t.extension_id
    on conflict (instance_id, extension_id) do update set
      status = excluded.status, version = excluded.version, configuration_id = excluded.configuration_id,
      parameters_digest = excluded.parameters_digest, content_digest = excluded.content_digest,
      parameters = case when ${sameValues} then installed_states.parameters else excluded.parameters end,
      secret_parameters_sealed =
        case when ${sameValues} then installed_states.secret_parameters_sealed else excluded.secret_parameters_sealed end,
      execution_id = case when ${sameValues} then installed_states.execution_id else excluded.execution_id end,
      drifted_at = null, drift_messages = null,
      since = case when installed_states.status = excluded.status and installed_states.version = excluded.version
        then installed_states.since else now() end
  `.execute(connection)
  await trimDrift(connection, [...new Set(differences.flatMap((one) => (one.isDrift ? [one.instanceId] : [])))])
}

const sameValues = sql`installed_states.parameters_digest = excluded.parameters_digest`

const describe = (state: ComparedState | undefined) =>
  state === undefined
    ? null
    : JSON.stringify({
        status: state.status,
        version: state.version,
        configurationId: state.configurationId,
        parametersDigest: state.parametersDigest,
        ...(state.contentDigest === undefined ? {} : { contentDigest: state.contentDigest }),
      })

async function trimDrift(connection: Connection, instanceIds: readonly InstanceId[]): Promise<void> {
  await sql`
    delete from drift d using unnest(${instanceIds}::text[]) as u (instance_id)
    where d.instance_id = u.instance_id and d.id < (
      select k.id from drift k where k.instance_id = u.instance_id order by k.id desc offset ${keptDrift - 1} limit 1
    )
  `.execute(connection)
}

/** As stored. */
type DriftSide = Omit<ComparedState, 'extensionId'>

export interface DriftRow {
  readonly instanceId: InstanceId
  readonly extensionId: string
  readonly extensionName: string
  readonly noticedAt: Date
  readonly expected: DriftSide | null
  readonly found: DriftSide | null
}

/** Differences between an instance's records and the stored state, newest first. */
export async function listDrift(connection: Connection, instanceId: InstanceId, limit: number): Promise<DriftRow[]> {
  const { rows } = await sql<DriftRow>`
    select instance_id as "instanceId", extension_id as "extensionId", extension_name as "extensionName",
      noticed_at as "noticedAt", expected, found
    from drift where instance_id = ${instanceId} order by id desc limit ${limit}
  `.execute(connection)
  return rows
}
