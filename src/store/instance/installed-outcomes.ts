import { sql } from 'kysely'
import type { InstalledOutcome } from '../../core/execution/invocation.ts'
import type { InvocationId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** The installed state that an invocation's end reports. */
export interface InstalledStateChange {
  readonly invocationId: InvocationId
  readonly outcome: InstalledOutcome
  /**
   * As reported by the agent, if that may differ: an earlier release stored it so with the
   * execution.
   */
  readonly reportedDigest?: string | undefined
}

/**
 * Stores the installed state that agents reported at the end of invocations, which the table
 * invocations already contains. Reports may arrive late and out of order: of several reports about
 * one extension on one instance the one of the newest invocation counts. Removed instances are
 * skipped.
 *
 * The parameters are those of the installation, whichever invocation reports it: those of the
 * reporting invocation itself, or of the newest one with the same digest (equal digests mean equal
 * values). A version that is unchanged (after a rollback, or because it is broken) keeps its
 * parameters.
 */
export async function applyInstalledOutcomes(
  connection: Connection,
  changes: readonly InstalledStateChange[],
): Promise<void> {
  if (changes.length === 0) return
  const outcomes = changes.map(({ invocationId, outcome, reportedDigest }) => {
    const row = { invocationId, ...nothingInstalled, ...outcome }
    return { ...row, reportedDigest: reportedDigest ?? row.parametersDigest }
  })
  await sql`
    with reported as materialized (
      select distinct on (i.instance_id, ${subject('e', 'p')})
        i.instance_id, ${subject('e', 'p')} as extension_id, e.account_id, e.id as execution_id,
        i.ordinal, coalesce(i.part, 0) as part,
        coalesce(g.parameters_digest, p.parameters_digest, e.operation ->> 'parametersDigest') as own_digest,
        coalesce(g.parameters, p.parameters, e.operation -> 'parameters') as own_parameters,
        case
          when g.execution_id is not null then g.secret_parameters_sealed
          when p.execution_id is not null then p.secret_parameters_sealed
          else e.secret_parameters_sealed
        end as own_sealed,
        o.status, o.version, o.configuration_id, o.parameters_digest, o.reported_digest, o.content_digest
      from unnest(
        ${outcomes.map((one) => one.invocationId)}::text[], ${outcomes.map((one) => one.status)}::text[],
        ${outcomes.map((one) => one.version)}::int[], ${outcomes.map((one) => one.configurationId)}::text[],
        ${outcomes.map((one) => one.parametersDigest)}::text[], ${outcomes.map((one) => one.reportedDigest)}::text[],
        ${outcomes.map((one) => one.contentDigest ?? null)}::text[]
      ) as o (invocation_id, status, version, configuration_id, parameters_digest, reported_digest, content_digest)
      join invocations i on i.id = o.invocation_id
      join executions e on e.id = i.execution_id
      left join execution_parts p on p.execution_id = ${severalOf('e')} and p.part = i.part
      left join parameter_sets g
        on g.execution_id = i.execution_id and g.part = coalesce(i.part, 0) and g.number = i.parameter_set
      join instances n on n.id = i.instance_id and n.removed_at is null
      where ${subject('e', 'p')} is not null and not exists (
        select from invocations younger join executions y on y.id = younger.execution_id
        left join execution_parts q on q.execution_id = ${severalOf('y')} and q.part = younger.part
        where younger.instance_id = i.instance_id and younger.told_installed and younger.queued_at > i.queued_at
          and ${subject('y', 'q')} = ${subject('e', 'p')}
      )
      order by i.instance_id, ${subject('e', 'p')}, i.queued_at desc
    ), recorded as (
      ${recordChanges}
    ), removed as (
      delete from installed_states s using reported t
      where t.status = 'absent' and s.instance_id = t.instance_id and s.extension_id = t.extension_id
    )
    insert into installed_states (instance_id, extension_id, account_id, status, version, configuration_id, parameters_digest,
      content_digest, parameters, secret_parameters_sealed, execution_id)
    select t.instance_id, t.extension_id, t.account_id, t.status, t.version, t.configuration_id, t.parameters_digest,
      t.content_digest,
      coalesce(b.parameters, '{}'), b.sealed, coalesce(b.execution_id, t.execution_id)
    from reported t
    left join lateral (
      select t.execution_id, t.own_parameters as parameters, t.own_sealed as sealed, now() as created_at where ${ownValues}
      union all
      (select r.id, r.operation -> 'parameters', r.secret_parameters_sealed, r.created_at from executions r
        where not ${ownValues} and r.extension_id = t.extension_id
          and r.operation ->> 'parametersDigest' in (t.parameters_digest, t.reported_digest)
        order by r.created_at desc limit 1)
      union all
      (select r.execution_id, r.parameters, r.secret_parameters_sealed, r.created_at from execution_parts r
        where not ${ownValues} and r.extension_id = t.extension_id
          and r.parameters_digest in (t.parameters_digest, t.reported_digest)
        order by r.created_at desc limit 1)
      union all
      (select r.execution_id, r.parameters, r.secret_parameters_sealed, r.created_at from parameter_sets r
        where not ${ownValues} and r.extension_id = t.extension_id
          and r.parameters_digest in (t.parameters_digest, t.reported_digest)
        order by r.created_at desc limit 1)
      order by created_at desc limit 1
    ) b on true
    where t.status <> 'absent'
    order by t.instance_id, t.extension_id
    on conflict (instance_id, extension_id) do update set
      status = excluded.status,
      version = excluded.version,
      configuration_id = excluded.configuration_id,
      parameters_digest = excluded.parameters_digest,
      content_digest = excluded.content_digest,
      parameters = case when ${sameConfiguration} then installed_states.parameters else excluded.parameters end,
      secret_parameters_sealed = case when ${sameConfiguration} then installed_states.secret_parameters_sealed else excluded.secret_parameters_sealed end,
      execution_id = case when ${sameConfiguration} then installed_states.execution_id else excluded.execution_id end,
      since = case when ${sameConfiguration} then installed_states.since else now() end,
      drifted_at = null,
      drift_messages = null
  `.execute(connection)
}

/**
 * Records what an execution changes, with the state before it. A later attempt of the same execution
 * keeps the first one's state before. All parts of the statement see the states before it.
 */
const recordChanges = sql`
  insert into state_changes (execution_id, instance_id, extension_id, account_id, ordinal, part,
    before_status, before_version, before_configuration_id, before_parameters_digest, before_parameters, before_sealed,
    before_execution_id, after_status, after_version, after_configuration_id, after_parameters_digest)
  select t.execution_id, t.instance_id, t.extension_id, t.account_id, t.ordinal, t.part,
    s.status, s.version, s.configuration_id, s.parameters_digest, s.parameters, s.secret_parameters_sealed,
    s.execution_id, nullif(t.status, 'absent'), t.version, t.configuration_id, t.parameters_digest
  from reported t
  left join installed_states s on s.instance_id = t.instance_id and s.extension_id = t.extension_id
  where (s.status, s.version, s.configuration_id, s.parameters_digest)
    is distinct from (nullif(t.status, 'absent'), t.version, t.configuration_id, t.parameters_digest)
  on conflict (execution_id, instance_id, extension_id) do update set
    changed_at = excluded.changed_at, after_status = excluded.after_status, after_version = excluded.after_version,
    after_configuration_id = excluded.after_configuration_id, after_parameters_digest = excluded.after_parameters_digest`

/** It reports the values that it was given itself. */
const ownValues = sql`(t.own_digest in (t.parameters_digest, t.reported_digest))`

/** The extension of an invocation: null if it has none, whatever its agent reports. */
const subject = (execution: string, part: string) =>
  sql`coalesce(${sql.ref(`${execution}.extension_id`)}, ${sql.ref(`${part}.extension_id`)})`

/** Null for an execution of one extension: parts are not searched then. */
const severalOf = (execution: string) =>
  sql`case when ${sql.ref(`${execution}.extension_id`)} is null then ${sql.ref(`${execution}.id`)} end`

const nothingInstalled = { version: null, configurationId: null, parametersDigest: null, contentDigest: undefined }

const sameConfiguration = sql`(installed_states.version = excluded.version
  and installed_states.configuration_id = excluded.configuration_id
  and installed_states.parameters_digest = excluded.parameters_digest)`
