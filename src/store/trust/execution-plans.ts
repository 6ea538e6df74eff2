import { sql } from 'kysely'
import type { AccountId, ExecutionId } from '../../core/id.ts'
import type { PlanPlace } from '../../core/trust/make-plan-statement.ts'
import type { Connection } from '../database/database.ts'

/** The plan of an execution, as approvers sign it. */
export interface ExecutionPlanRow {
  readonly executionId: ExecutionId
  readonly accountId: AccountId
  /** As text. */
  readonly canonical: string
  readonly sha256: string
  readonly saltSealed: Buffer
}

export async function insertExecutionPlan(
  connection: Connection,
  { executionId, accountId, canonical, sha256, saltSealed }: ExecutionPlanRow,
  places: readonly PlanPlace[],
): Promise<void> {
  await sql`
    insert into execution_plans (execution_id, account_id, canonical, sha256, salt_sealed)
    values (${executionId}, ${accountId}, ${canonical}, ${sha256}, ${saltSealed})
  `.execute(connection)
  // Lists of different lengths are no array of PostgreSQL; a step has no comma.
  await sql`
    insert into execution_plan_places (execution_id, account_id, instance_id, part, work, proof)
    select ${executionId}, ${accountId}, p.instance_id, p.part, p.work, string_to_array(p.proof, ',')
    from unnest(
      ${places.map(({ instanceId }) => instanceId)}::text[], ${places.map(({ part }) => part)}::int[],
      ${places.map(({ work }) => work)}::int[], ${places.map(({ proof }) => proof.join(','))}::text[]
    ) as p (instance_id, part, work, proof)
  `.execute(connection)
}

const columns = sql`execution_id as "executionId", account_id as "accountId", canonical, sha256, salt_sealed as "saltSealed"`

/** Of the executions that approvers sign. */
export async function listExecutionPlans(
  connection: Connection,
  ids: readonly ExecutionId[],
): Promise<ExecutionPlanRow[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<ExecutionPlanRow>`
    select ${columns} from execution_plans where execution_id = any(${ids}::text[])
  `.execute(connection)
  return rows
}

export interface PlanPlaceRow extends PlanPlace {
  readonly executionId: ExecutionId
}

/** The places of some instances. */
export async function listPlanPlaces(
  connection: Connection,
  tasks: readonly { readonly executionId: ExecutionId; readonly instanceId: string }[],
): Promise<PlanPlaceRow[]> {
  if (tasks.length === 0) return []
  const { rows } = await sql<PlanPlaceRow>`
    select p.execution_id as "executionId", p.instance_id as "instanceId", p.part, p.work, p.proof
    from execution_plan_places p
    where (p.execution_id, p.instance_id) in (
      select * from unnest(${tasks.map((one) => one.executionId)}::text[], ${tasks.map((one) => one.instanceId)}::text[])
    )
  `.execute(connection)
  return rows
}

/** The instances of each work of a plan, in the order of the hash tree (that of the tasks). */
export async function listPlanInstances(connection: Connection, executionId: ExecutionId): Promise<string[][]> {
  const { rows } = await sql<{ work: number; instances: string[] }>`
    select p.work, array_agg(p.instance_id order by t.ordinal) as instances
    from execution_plan_places p
    join task_executions t on t.execution_id = p.execution_id and t.instance_id = p.instance_id
    where p.execution_id = ${executionId}
    group by p.work order by p.work
  `.execute(connection)
  return rows.map(({ instances }) => instances)
}
