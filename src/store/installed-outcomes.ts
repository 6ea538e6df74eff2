import { sql } from 'kysely'
import type { ExecutionId, InstanceId } from '../core/id.ts'
import type { InstalledOutcome } from '../core/invocation.ts'
import type { Connection } from './database.ts'

export interface InstalledChange {
  readonly executionId: ExecutionId
  readonly instanceId: InstanceId
  readonly outcome: InstalledOutcome
}

/**
 * What instances have now, as their agents said. Parameters are those of the execution that brought the version; where the old
 * version was put back, or is broken, its own row stays and only its status changes.
 */
export async function applyInstalledOutcomes(
  connection: Connection,
  changes: readonly InstalledChange[],
): Promise<void> {
  const absent = changes.filter(({ outcome }) => outcome.status === 'absent')
  if (absent.length > 0) {
    await sql`
      delete from installed_states s
      using unnest(${absent.map((one) => one.executionId)}::text[], ${absent.map((one) => one.instanceId)}::text[]) as a (execution_id, instance_id),
        executions e
      where e.id = a.execution_id and s.instance_id = a.instance_id and s.extension_id = e.extension_id
    `.execute(connection)
  }
  const present = changes.flatMap(({ outcome, ...rest }) =>
    outcome.status === 'absent' ? [] : [{ ...rest, ...outcome }],
  )
  if (present.length === 0) return
  await sql`
    insert into installed_states (instance_id, extension_id, account_id, status, version, configuration_id, parameters_digest,
      parameters, secret_parameters_sealed, execution_id)
    select p.instance_id, e.extension_id, e.account_id, p.status, p.version, p.configuration_id, p.parameters_digest,
      coalesce(e.operation -> 'parameters', '{}'), e.secret_parameters_sealed, e.id
    from unnest(
      ${present.map((one) => one.executionId)}::text[], ${present.map((one) => one.instanceId)}::text[],
      ${present.map((one) => one.status)}::text[], ${present.map((one) => one.version)}::int[],
      ${present.map((one) => one.configurationId)}::text[], ${present.map((one) => one.parametersDigest)}::text[]
    ) as p (execution_id, instance_id, status, version, configuration_id, parameters_digest)
    join executions e on e.id = p.execution_id
    order by p.instance_id
    on conflict (instance_id, extension_id) do update set
      status = excluded.status,
      version = excluded.version,
      configuration_id = excluded.configuration_id,
      parameters_digest = excluded.parameters_digest,
      parameters = case when ${sameRecipe} then installed_states.parameters else excluded.parameters end,
      secret_parameters_sealed = case when ${sameRecipe} then installed_states.secret_parameters_sealed else excluded.secret_parameters_sealed end,
      execution_id = case when ${sameRecipe} then installed_states.execution_id else excluded.execution_id end,
      since = case when ${sameRecipe} then installed_states.since else now() end
  `.execute(connection)
}

const sameRecipe = sql`(installed_states.version = excluded.version
  and installed_states.configuration_id = excluded.configuration_id
  and installed_states.parameters_digest = excluded.parameters_digest)`
