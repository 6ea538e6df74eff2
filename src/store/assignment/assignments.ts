import { sql } from 'kysely'
import type { AssignmentDefinition, AssignmentFailure, AssignmentOutcome } from '../../core/assignment/assignment.ts'
import type { ParameterValues } from '../../core/extension/extension.ts'
import type { AccountId } from '../../core/id.ts'
import type { Reason } from '../../core/reason/reason.ts'
import type { Connection } from '../database/database.ts'
import { reasonValue } from '../database/stored-reason.ts'

/** What a client of the OOS API wrote, as answers repeat it. */
export interface ShownStateConfiguration {
  /** JSON. */
  readonly targets: string
  readonly scheduleExpression: string
}

/** An assignment as stored: `parameters` without the secret ones. */
export interface AssignmentRow extends Omit<AssignmentDefinition, 'version' | 'window'> {
  readonly id: string
  readonly accountId: AccountId
  readonly version: string | null
  readonly window: string | null
  /** Secret values; context "assignment/<id>". */
  readonly sealed: Buffer | null
  /** Null for assignments of the native API. */
  readonly stateConfiguration: ShownStateConfiguration | null
  readonly generation: number
  readonly resolvedVersion: number | null
  readonly haltedAt: Date | null
  readonly haltReason: Reason | null
  readonly evaluatedAt: Date | null
  /** Since the last evaluation; null before the first one. */
  readonly evaluatedAgoMs: number | null
  readonly settledSignature: string | null
  readonly outcome: AssignmentOutcome | null
  readonly failure: AssignmentFailure | null
  readonly createdBy: string
  readonly createdAt: Date
  /** Since 1970. */
  readonly createdAtMs: number
  readonly updatedBy: string
  readonly updatedAt: Date
}

/** The part that users write. */
export type AssignmentText = Pick<
  AssignmentRow,
  | 'name'
  | 'description'
  | 'group'
  | 'extension'
  | 'version'
  | 'rateControl'
  | 'window'
  | 'priority'
  | 'repair'
  | 'stateConfiguration'
> & { readonly parameters: ParameterValues; readonly sealed: Buffer | null }

const columns = sql`id, account_id as "accountId", name, description, group_name as "group", extension_name as extension, version,
  parameters, secret_parameters_sealed as sealed, rate_control as "rateControl", time_window as "window", priority, repair, generation,
  resolved_version as "resolvedVersion", halted_at as "haltedAt", halt_messages as "haltReason", evaluated_at as "evaluatedAt",
  settled_signature as "settledSignature", (extract(epoch from clock_timestamp() - evaluated_at) * 1000)::float8 as "evaluatedAgoMs",
  (extract(epoch from created_at) * 1000)::float8 as "createdAtMs", outcome, failure, created_by as "createdBy", created_at as "createdAt",
  updated_by as "updatedBy", updated_at as "updatedAt", state_configuration as "stateConfiguration"`

/** The assignments of an account, by name. */
export async function listAssignmentRows(connection: Connection, accountId: AccountId): Promise<AssignmentRow[]> {
  const { rows } = await sql<AssignmentRow>`
    select ${columns} from assignments where account_id = ${accountId} order by name collate "C"
  `.execute(connection)
  return rows
}

/** Undefined if the account has no such assignment. */
export async function getAssignmentRow(
  connection: Connection,
  accountId: AccountId,
  name: string,
): Promise<AssignmentRow | undefined> {
  const { rows } = await sql<AssignmentRow>`
    select ${columns} from assignments where account_id = ${accountId} and name = ${name}
  `.execute(connection)
  return rows[0]
}

/** Those that are not halted, in the order in which they are evaluated. */
export async function listActiveAssignmentIds(connection: Connection): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from assignments where halted_at is null order by account_id, priority desc, created_at, id
  `.execute(connection)
  return rows.map(({ id }) => id)
}

/** Locked until the transaction ends; undefined if another server evaluates it, or it is gone. */
export async function lockAssignment(connection: Connection, id: string): Promise<AssignmentRow | undefined> {
  const { rows } = await sql<AssignmentRow>`
    select ${columns} from assignments where id = ${id} for update skip locked
  `.execute(connection)
  return rows[0]
}

/** The other assignments of an extension in the account. */
export async function listRivalRows(
  connection: Connection,
  accountId: AccountId,
  { extension, name }: Pick<AssignmentRow, 'extension' | 'name'>,
): Promise<AssignmentRow[]> {
  const { rows } = await sql<AssignmentRow>`
    select ${columns} from assignments
    where account_id = ${accountId} and extension_name = ${extension} and name <> ${name} order by name collate "C"
  `.execute(connection)
  return rows
}

/** The names of the assignments that use a group. */
export async function listAssignmentsOfGroup(
  connection: Connection,
  accountId: AccountId,
  group: string,
): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from assignments where account_id = ${accountId} and group_name = ${group} order by name collate "C"
  `.execute(connection)
  return rows.map(({ name }) => name)
}

/** False if the account has an assignment with this name. */
export async function insertAssignment(
  connection: Connection,
  { id, accountId, by }: { readonly id: string; readonly accountId: AccountId; readonly by: string },
  text: AssignmentText,
): Promise<boolean> {
  const { rows } = await sql`
    insert into assignments (id, account_id, name, description, group_name, extension_name, version, parameters,
      secret_parameters_sealed, rate_control, time_window, priority, repair, state_configuration, created_by, updated_by)
    values (${id}, ${accountId}, ${text.name}, ${text.description}, ${text.group}, ${text.extension}, ${text.version},
      ${JSON.stringify(text.parameters)}::jsonb, ${text.sealed}, ${JSON.stringify(text.rateControl)}::jsonb, ${text.window},
      ${text.priority}, ${text.repair}, ${text.stateConfiguration && JSON.stringify(text.stateConfiguration)}::jsonb, ${by}, ${by})
    on conflict (account_id, name) do nothing
    returning id
  `.execute(connection)
  return rows.length === 1
}

/** Replaces what users write, and begins a new generation. */
export async function updateAssignment(
  connection: Connection,
  { id, by }: { readonly id: string; readonly by: string },
  text: AssignmentText,
): Promise<void> {
  await sql`
    update assignments set description = ${text.description}, group_name = ${text.group}, extension_name = ${text.extension},
      version = ${text.version}, parameters = ${JSON.stringify(text.parameters)}::jsonb, secret_parameters_sealed = ${text.sealed},
      rate_control = ${JSON.stringify(text.rateControl)}::jsonb, time_window = ${text.window}, priority = ${text.priority}, repair = ${text.repair},
      state_configuration = ${text.stateConfiguration && JSON.stringify(text.stateConfiguration)}::jsonb,
      updated_by = ${by}, updated_at = now(), generation = generation + 1, resolved_version = null, settled_signature = null
    where id = ${id}
  `.execute(connection)
}

export async function deleteAssignment(connection: Connection, id: string): Promise<void> {
  await sql`delete from assignments where id = ${id}`.execute(connection)
}

/** Halts an assignment, if it is not halted. */
export async function haltAssignment(connection: Connection, id: string, reason: Reason): Promise<void> {
  await sql`
    update assignments set halted_at = now(), halt_messages = ${reasonValue(reason)}, settled_signature = null
    where id = ${id} and halted_at is null
  `.execute(connection)
}

/** Ends a halt; earlier failures do not count any more. */
export async function resumeAssignment(connection: Connection, id: string, by: string): Promise<void> {
  await sql`
    update assignments set halted_at = null, halt_messages = null, generation = generation + 1, resolved_version = null,
      settled_signature = null,
      updated_by = ${by}, updated_at = now()
    where id = ${id}
  `.execute(connection)
}

/** What the reference means has changed: failures with the earlier version do not count. */
export async function setResolvedVersion(connection: Connection, id: string, version: number, generation: number) {
  await sql`
    update assignments set resolved_version = ${version}, generation = ${generation} where id = ${id}
  `.execute(connection)
}

/** What an evaluation found. True if it differs from the one before. */
export async function saveEvaluation(
  connection: Connection,
  id: string,
  {
    signature,
    outcome,
    failure,
  }: {
    readonly signature: string | null
    readonly outcome: AssignmentOutcome | null
    readonly failure: AssignmentFailure | null
  },
): Promise<boolean> {
  const found = sql`(${outcome && JSON.stringify(outcome)}::jsonb, ${failure && JSON.stringify(failure)}::jsonb)`
  const { rows } = await sql<{ changed: boolean }>`
    with before as (select (outcome, failure) is distinct from ${found} as changed from assignments where id = ${id})
    update assignments set evaluated_at = now(), settled_signature = ${signature}, (outcome, failure) = ${found}
    where id = ${id} returning (select changed from before) as changed
  `.execute(connection)
  return rows[0]?.changed === true
}
