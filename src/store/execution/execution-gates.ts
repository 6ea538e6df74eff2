import { sql } from 'kysely'
import type { Gate, GateObservation, GateProgress } from '../../core/gate/gate.ts'
import type { AccountId, ExecutionId } from '../../core/id.ts'
import type { Reason } from '../../core/reason/reason.ts'
import type { Connection } from '../database/database.ts'
import { reasonValue } from '../database/stored-reason.ts'

/** A gate that an execution is or was at. */
export interface GateRow extends GateProgress {
  readonly id: number
  readonly endedAt: Date | null
}

interface GateColumns {
  readonly id: number
  readonly batch: number
  readonly gate: number
  readonly beganAt: Date
  readonly endedAt: Date | null
  readonly outcome: GateProgress['outcome'] | null
  readonly reason: Reason | null
  /** With the time of the check. */
  readonly observation: (GateObservation & { readonly at?: number }) | null
  readonly approvals: GateProgress['approvals']
}

const columns = sql`
  g.id, g.batch, g.gate, g.began_at as "beganAt", g.ended_at as "endedAt", g.outcome, g.reason_messages as reason, g.observation,
  coalesce((
    select jsonb_agg(jsonb_build_object('user', a.user_name, 'approves', a.approves) order by a.id)
    from gate_approvals a where a.gate_id = g.id
  ), '[]') as approvals`

const present = ({ beganAt, outcome, reason, observation, ...row }: GateColumns): GateRow => ({
  ...row,
  beganAt: beganAt.getTime(),
  ...(outcome === null ? {} : { outcome }),
  ...(reason === null ? {} : { reason }),
  ...(observation === null ? {} : presentObservation(observation)),
})

function presentObservation({ at, ...observation }: NonNullable<GateColumns['observation']>) {
  return { observation: observation as GateObservation, ...(at !== undefined && { observedAt: at }) }
}

/** The latest gate of an execution; undefined: none has begun. */
export async function getLatestGate(connection: Connection, executionId: ExecutionId): Promise<GateRow | undefined> {
  const { rows } = await sql<GateColumns>`
    select ${columns} from execution_gates g where g.execution_id = ${executionId} order by g.id desc limit 1
  `.execute(connection)
  return rows[0] && present(rows[0])
}

/** A decision of a user at an approval gate, with the batch that ended before it. */
export interface DecisionRow {
  readonly batch: number
  readonly user: string
  readonly approves: boolean
  readonly comment: string
  readonly at: Date
}

/** The latest decisions at the gates of an execution, in order. */
export async function listDecisions(
  connection: Connection,
  executionId: ExecutionId,
  limit: number,
): Promise<DecisionRow[]> {
  const { rows } = await sql<DecisionRow>`
    select * from (
      select a.id, g.batch, a.user_name as "user", a.approves, a.comment, a.at
      from execution_gates g join gate_approvals a on a.gate_id = g.id
      where g.execution_id = ${executionId}
      order by a.id desc
      limit ${limit}
    ) latest order by id
  `.execute(connection)
  return rows
}

/** Gates that a server checks, and not the execution itself. */
const isChecked = ({ kind }: Gate) => kind === 'http' || kind === 'prometheus'

/** Begins a gate. The caller holds the execution's row lock. */
export async function insertGate(
  connection: Connection,
  execution: { readonly id: ExecutionId },
  { batch, index, gate }: { readonly batch: number; readonly index: number; readonly gate: Gate },
): Promise<void> {
  await sql`
    insert into execution_gates (execution_id, account_id, batch, gate, check_at)
    select id, account_id, ${batch}, ${index}, ${isChecked(gate) ? sql`clock_timestamp()` : null}
    from executions where id = ${execution.id}
  `.execute(connection)
}

/** Ends the latest gate. The caller holds the execution's row lock. */
export async function endLatestGate(
  connection: Connection,
  executionId: ExecutionId,
  { outcome, reason }: { readonly outcome: 'passed' | 'failed'; readonly reason: Reason },
): Promise<void> {
  await sql`
    update execution_gates
    set outcome = ${outcome}, reason_messages = ${reasonValue(reason)}, ended_at = clock_timestamp(), check_at = null
    where id = (select id from execution_gates where execution_id = ${executionId} order by id desc limit 1)
      and outcome is null
  `.execute(connection)
}

/** A gate that a server has to check now. */
export interface DueGate {
  readonly id: number
  readonly executionId: ExecutionId
  readonly index: number
  readonly gates: readonly Gate[]
}

/**
 * Takes gates to check. They are due again after `againMs`, or at their time limit if that comes
 * first, also if this server dies while it checks.
 */
export async function takeDueGates(
  connection: Connection,
  { limit, againMs }: { readonly limit: number; readonly againMs: number },
): Promise<DueGate[]> {
  const { rows } = await sql<DueGate>`
    with due as (
      select g.id, e.rate_control -> 'gates' as gates, clock_timestamp() as now,
        g.began_at + (e.rate_control -> 'gates' -> g.gate ->> 'timeoutMs')::bigint * interval '1 millisecond' as limit_at
      from execution_gates g join executions e on e.id = g.execution_id and e.deleted_at is null
      where g.outcome is null and g.check_at <= clock_timestamp()
      order by g.check_at
      limit ${limit}
      for update of g skip locked
    )
    update execution_gates g
    set check_at = least(
      due.now + ${againMs} * interval '1 millisecond',
      case when due.limit_at > due.now then due.limit_at end
    )
    from due
    where g.id = due.id
    returning g.id, g.execution_id as "executionId", g.gate as index, coalesce(due.gates, '[]') as gates
  `.execute(connection)
  return rows
}

/** Stores the result of a check, if the gate is not decided. */
export async function setGateObservation(
  connection: Connection,
  id: number,
  observation: GateObservation,
): Promise<void> {
  await sql`
    update execution_gates
    set observation = ${JSON.stringify(observation)}::jsonb
      || jsonb_build_object('at', floor(extract(epoch from clock_timestamp()) * 1000))
    where id = ${id} and outcome is null
  `.execute(connection)
}

/** Stores a decision of a user. The caller holds the execution's row lock. */
export async function insertApproval(
  connection: Connection,
  accountId: AccountId,
  approval: { readonly gateId: number; readonly user: string; readonly approves: boolean; readonly comment: string },
): Promise<void> {
  const { gateId, user, approves, comment } = approval
  await sql`
    insert into gate_approvals (gate_id, account_id, user_name, approves, comment)
    values (${gateId}, ${accountId}, ${user}, ${approves}, ${comment})
  `.execute(connection)
}

/** An ended execution whose failed gate requires a rollback. */
export interface DueRollback {
  readonly id: ExecutionId
  readonly accountId: AccountId
  readonly createdBy: string
}

export async function listDueRollbacks(connection: Connection): Promise<DueRollback[]> {
  const { rows } = await sql<DueRollback>`
    select id, account_id as "accountId", created_by as "createdBy" from executions
    where rollback_due and ended_at is not null and deleted_at is null
    order by id
    limit 100
  `.execute(connection)
  return rows
}

/** The rollback was started, or cannot be. */
export async function setRollbackHandled(connection: Connection, id: ExecutionId): Promise<void> {
  await connection.updateTable('executions').set({ rollback_due: false }).where('id', '=', id).execute()
}
