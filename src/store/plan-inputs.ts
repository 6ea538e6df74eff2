import { type RawBuilder, sql } from 'kysely'
import type { Facts } from '../core/facts.ts'
import type { AccountId, ExecutionId, ExtensionId, InstanceId } from '../core/id.ts'
import type { InstalledState } from '../core/instance.ts'
import type { Targets } from '../core/targets.ts'
import type { Connection } from './database.ts'

/** What planning looks at: no more of the facts than scope and configurations are matched with. */
export interface PlanInput {
  readonly id: InstanceId
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly resourceGroup: string
  readonly facts: Pick<Facts, 'os' | 'cloud'>
  readonly installed: InstalledState | undefined
}

/** The account's instances that targets mean, in the order of their names, each with its state of the extension. */
export async function listPlanInputs(
  connection: Connection,
  accountId: AccountId,
  targets: Targets,
  extensionId: ExtensionId,
  limit: number,
): Promise<PlanInput[]> {
  const { rows } = await sql<{
    id: InstanceId
    name: string
    tags: Record<string, string>
    resource_group: string
    os: Facts['os']
    cloud: Facts['cloud'] | null
    status: InstalledState['status'] | null
    version: number
    configuration_id: string
    parameters_digest: string
    execution_id: ExecutionId
  }>`
    select i.id, i.name, i.tags, i.resource_group, i.facts -> 'os' as os, i.facts -> 'cloud' as cloud,
      s.status, s.version, s.configuration_id, s.parameters_digest, s.execution_id
    from instances i
    left join installed_states s on s.instance_id = i.id and s.extension_id = ${extensionId}
    where i.account_id = ${accountId} and i.removed_at is null and ${targetsCondition(targets)}
    order by i.name, i.id
    limit ${limit}
  `.execute(connection)
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    tags: row.tags,
    resourceGroup: row.resource_group,
    facts: { os: row.os, ...(row.cloud ? { cloud: row.cloud } : {}) },
    installed: row.status
      ? {
          extensionId,
          status: row.status,
          version: row.version,
          configurationId: row.configuration_id,
          parametersDigest: row.parameters_digest,
          executionId: row.execution_id,
        }
      : undefined,
  }))
}

/** Targets as a condition on the table `instances i`; says in SQL what core/targets.ts says in words, and a test compares the two. */
export function targetsCondition(targets: Targets): RawBuilder<boolean> {
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
  }
}
