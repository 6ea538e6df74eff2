import { type RawBuilder, sql } from 'kysely'
import type { ObjectFilter } from '../../core/access/object-filter.ts'
import type { AccountId, ExecutionId, ExtensionId, InstanceId } from '../../core/id.ts'
import type { Admission } from '../../core/instance/agent-identity.ts'
import type { Facts } from '../../core/instance/facts.ts'
import type { InstalledState } from '../../core/instance/instance.ts'
import type { ResolvedTargets } from '../../core/plan/targets.ts'
import { andCondition, permittedCondition } from '../access/object-labels.ts'
import type { Connection } from '../database/database.ts'
import { isApproved, targetsCondition } from '../instance/instance-conditions.ts'
import { isOnline } from '../instance/instances.ts'

/** The input of planning: only the facts that scope and configurations match. */
export interface PlanInput {
  readonly id: InstanceId
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly resourceGroup: string
  readonly facts: Pick<Facts, 'os' | 'cloud'>
  /** The name of the installed agent; absent: it cannot upgrade itself. */
  readonly agentProgram?: string
  readonly admission: Admission
  readonly isOffline: boolean
  /** For each requested extension, in the same order. */
  readonly installed: readonly (InstalledState | undefined)[]
}

interface InputRow {
  readonly id: InstanceId
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly resource_group: string
  readonly os: Facts['os']
  readonly cloud: Facts['cloud'] | null
  readonly agent_program: string | null
  readonly admission: Admission
  readonly online: boolean
}

interface StateRow {
  readonly status: InstalledState['status'] | null
  readonly version: number
  readonly configuration_id: string
  readonly parameters_digest: string
  readonly content_digest: string | null
  readonly execution_id: ExecutionId
}

/**
 * The account's instances that the targets select, by name, each with its states of the extensions.
 * @param visible an instance has to match one of these filters
 */
export async function listPlanInputs(
  connection: Connection,
  accountId: AccountId,
  targets: ResolvedTargets,
  extensionIds: readonly ExtensionId[],
  { visible, limit }: { readonly visible: readonly ObjectFilter[]; readonly limit: number },
): Promise<PlanInput[]> {
  const [first = null, ...others] = extensionIds
  const { rows } = await sql<InputRow & StateRow>`
    select i.id, i.name, i.tags, i.resource_group, i.facts -> 'os' as os, i.facts -> 'cloud' as cloud, i.facts ->> 'agentProgram' as agent_program, i.admission, ${isOnline} as online,
      s.status, s.version, s.configuration_id, s.parameters_digest, s.content_digest, s.execution_id
    from instances i
    left join installed_states s on s.instance_id = i.id and s.extension_id = ${first}
    where i.account_id = ${accountId} and i.removed_at is null and ${targetsCondition(accountId, targets)} and ${takesPart(targets)}
      ${andCondition(visibleToAny(visible))}
    order by i.name, i.id
    limit ${limit}
  `.execute(connection)
  const more = await listMoreStates(connection, accountId, targets, others)
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    tags: row.tags,
    resourceGroup: row.resource_group,
    facts: { os: row.os, ...(row.cloud ? { cloud: row.cloud } : {}) },
    ...(row.agent_program === null ? {} : { agentProgram: row.agent_program }),
    admission: row.admission,
    isOffline: !row.online,
    installed: first
      ? [presentState(row, first), ...others.map((extensionId) => more.get(`${row.id} ${extensionId}`))]
      : [],
  }))
}

/** Instances that one of the filters permits. */
function visibleToAny(filters: readonly ObjectFilter[]): RawBuilder<boolean> | undefined {
  if (filters.includes('all')) return undefined
  const conditions = filters.map((filter) => permittedCondition('instance', filter) ?? sql<boolean>`true`)
  return sql<boolean>`(${sql.join(conditions, sql` or `)})`
}

/** An unapproved instance belongs to no selection; naming it gives a result that explains so. */
const takesPart = ({ kind }: ResolvedTargets) => (kind === 'ids' || kind === 'names' ? sql<boolean>`true` : isApproved)

/** The same instances' states of the remaining extensions. */
async function listMoreStates(
  connection: Connection,
  accountId: AccountId,
  targets: ResolvedTargets,
  extensionIds: readonly ExtensionId[],
): Promise<Map<string, InstalledState | undefined>> {
  if (extensionIds.length === 0) return new Map()
  const { rows } = await sql<StateRow & { id: InstanceId; extension_id: ExtensionId }>`
    select i.id, s.extension_id, s.status, s.version, s.configuration_id, s.parameters_digest, s.content_digest, s.execution_id
    from instances i
    join installed_states s on s.instance_id = i.id and s.extension_id = any(${extensionIds})
    where i.account_id = ${accountId} and i.removed_at is null and ${targetsCondition(accountId, targets)}
  `.execute(connection)
  return new Map(rows.map((row) => [`${row.id} ${row.extension_id}`, presentState(row, row.extension_id)]))
}

const presentState = (row: StateRow, extensionId: ExtensionId): InstalledState | undefined =>
  row.status === null
    ? undefined
    : {
        extensionId,
        status: row.status,
        version: row.version,
        configurationId: row.configuration_id,
        parametersDigest: row.parameters_digest,
        contentDigest: row.content_digest ?? undefined,
        executionId: row.execution_id,
      }
