import { sql } from 'kysely'
import type { AccountId, ExtensionId, InstanceId } from '../../core/id.ts'
import type { Reason } from '../../core/reason/reason.ts'
import type { Connection } from '../database/database.ts'

/** An extension that no longer holds, as the agent of its instance reports it. */
export interface ReportedDrift {
  readonly instanceId: InstanceId
  readonly extensionId: ExtensionId
  readonly version: number
  readonly configurationId: string
  readonly parametersDigest: string
  readonly agoMs: number
  readonly reason: Reason
}

/** A change of what has drifted. */
export interface DriftChange {
  readonly accountId: AccountId
  readonly instanceId: InstanceId
  readonly instanceName: string
  readonly extensionName: string
  readonly version: number
  /** Of a new drift, on the clock of the database; null: it has ended. */
  readonly since: Date | null
}

/**
 * Stores everything that has drifted on these instances; what they do not report has ended. Reports
 * about another installation than the stored one are late, and ignored. Returns what is new or over.
 */
export async function applyDriftReports(
  connection: Connection,
  instanceIds: readonly InstanceId[],
  reported: readonly ReportedDrift[],
): Promise<DriftChange[]> {
  const { rows } = await sql<DriftChange>`
    with reported as materialized (
      select * from unnest(
        ${reported.map((one) => one.instanceId)}::text[], ${reported.map((one) => one.extensionId)}::text[],
        ${reported.map((one) => one.version)}::int[], ${reported.map((one) => one.configurationId)}::text[],
        ${reported.map((one) => one.parametersDigest)}::text[], ${reported.map((one) => one.agoMs)}::float8[],
        ${reported.map(({ reason }) => JSON.stringify(reason))}::jsonb[]
      ) as r (instance_id, extension_id, version, configuration_id, parameters_digest, ago_ms, messages)
    ), compared as (
      select s.instance_id, s.extension_id, s.drifted_at as before, r.messages,
        case when r.instance_id is not null then coalesce(s.drifted_at, now() - r.ago_ms * interval '1 ms') end as after
      from installed_states s
      left join reported r on r.instance_id = s.instance_id and r.extension_id = s.extension_id
        and r.version = s.version and r.configuration_id = s.configuration_id
        and r.parameters_digest = s.parameters_digest and s.status = 'installed'
      where s.instance_id = any(${instanceIds}) and (s.drifted_at is not null or r.instance_id is not null)
      order by s.instance_id, s.extension_id
      for no key update of s
    ), stored as (
      update installed_states s set drifted_at = c.after, drift_messages = c.messages
      from compared c where s.instance_id = c.instance_id and s.extension_id = c.extension_id
        and (s.drifted_at, s.drift_messages) is distinct from (c.after, c.messages)
      returning s.account_id, s.instance_id, s.extension_id, s.version, c.before, c.after
    )
    select s.account_id as "accountId", s.instance_id as "instanceId", i.name as "instanceName",
      coalesce(e.name, s.extension_id) as "extensionName", s.version, s.after as since
    from stored s join instances i on i.id = s.instance_id left join extensions e on e.id = s.extension_id
    where (s.before is null) <> (s.after is null)
    order by s.instance_id, "extensionName"
  `.execute(connection)
  return rows
}
