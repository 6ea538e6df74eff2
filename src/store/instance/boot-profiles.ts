import { sql } from 'kysely'
import type { AccountId, ExecutionId, InstanceId } from '../../core/id.ts'
import type { BootFailure, BootProfile, BootState } from '../../core/instance/boot-profile.ts'
import type { Connection } from '../database/database.ts'
import { liveServerIds } from '../server/servers.ts'

/** For the table `instances i`: the columns that `presentBootState` converts. */
export const bootColumns = sql`i.boot_token, i.boot_execution_id, i.boot_failure, i.boot_assignments,
  i.boot_assignments is null and (i.boot_token is null or not exists (
    select 1 from join_tokens k
    cross join lateral jsonb_array_elements(k.boot_profile -> 'extensions') p
    left join extensions e on e.account_id = i.account_id and e.name = p ->> 'extension'
    left join installed_states s on s.instance_id = i.id and s.extension_id = e.id and s.status = 'installed'
    where k.account_id = i.account_id and k.id = i.boot_token and s.instance_id is null
  )) as boot_ready`

export interface BootColumns {
  boot_token: string | null
  boot_execution_id: string | null
  boot_failure: BootFailure | null
  boot_assignments: string[] | null
  boot_ready: boolean
}

/** Undefined: the instance joined without a profile, and awaits no assignment. */
export const presentBootState = (row: BootColumns): BootState | undefined =>
  row.boot_token === null && row.boot_assignments === null
    ? undefined
    : {
        joinToken: row.boot_token ?? undefined,
        assignments: row.boot_assignments ?? undefined,
        executionId: row.boot_execution_id ?? undefined,
        failure: row.boot_failure ?? undefined,
        isReady: row.boot_ready,
      }

/** The profile of an instance is due: it gets an execution as soon as it is admitted and connected. */
export async function setBootToken(connection: Connection, id: InstanceId, joinToken: string): Promise<void> {
  await sql`update instances set boot_token = ${joinToken}, boot_due_at = now() where id = ${id}`.execute(connection)
}

/** An instance that joins an account with assignments is not ready before they hold. */
export async function awaitAssignments(connection: Connection, id: InstanceId, accountId: AccountId): Promise<void> {
  await sql`
    update instances set boot_assignments = '{}'
    where id = ${id} and exists (select from assignments a where a.account_id = ${accountId})
  `.execute(connection)
}

/** An instance that awaits assignments. */
export interface AwaitingInstance {
  readonly id: InstanceId
  readonly accountId: AccountId
  readonly awaited: readonly string[]
}

/** Connected and admitted instances whose profile has been carried out, in the order of their ids. */
export async function listAwaitingInstances(connection: Connection, limit: number): Promise<AwaitingInstance[]> {
  const { rows } = await sql<AwaitingInstance>`
    select i.id, i.account_id as "accountId", i.boot_assignments as awaited from instances i
    where i.boot_assignments is not null and i.removed_at is null and i.admission = 'admitted'
      and i.connected_to = any(${liveServerIds}) and not ${isBooting}
    order by i.id limit ${limit}
  `.execute(connection)
  return rows
}

/** @param awaited null: it awaits none any more */
export async function setAwaited(connection: Connection, id: InstanceId, awaited: readonly string[] | null) {
  await sql`update instances set boot_assignments = ${awaited} where id = ${id}`.execute(connection)
}

/** For the table `instances i`: the profile of its token comes before assignments. */
export const isBooting = sql<boolean>`(i.boot_due_at is not null
  or exists (select from executions b where b.id = i.boot_execution_id and b.ended_at is null))`

export interface DueBoot {
  readonly id: InstanceId
  readonly accountId: AccountId
  readonly joinToken: string
  readonly profile: BootProfile
  /** Secret values by index of the extension. */
  readonly sealed: Buffer | null
}

/** Admitted and connected instances whose profile is due, longest due first. */
export async function listDueBoots(connection: Connection, limit: number): Promise<DueBoot[]> {
  const { rows } = await sql<DueBoot>`
    select i.id, i.account_id as "accountId", i.boot_token as "joinToken", k.boot_profile as profile, k.boot_secrets_sealed as sealed
    from instances i join join_tokens k on k.account_id = i.account_id and k.id = i.boot_token
    where i.boot_due_at <= now() and i.removed_at is null and i.admission = 'admitted' and i.connected_to = any(${liveServerIds})
    order by i.boot_due_at
    limit ${limit}
  `.execute(connection)
  return rows
}

/** The execution has been started: nothing is due any more. */
export async function setBootExecution(connection: Connection, id: InstanceId, executionId: ExecutionId) {
  await sql`
    update instances set boot_execution_id = ${executionId}, boot_failure = null, boot_due_at = null where id = ${id}
  `.execute(connection)
}

/** The execution could not be started; the next attempt is due after a while. */
export async function setBootFailure(connection: Connection, id: InstanceId, failure: BootFailure, retryMs: number) {
  await sql`
    update instances set boot_failure = ${JSON.stringify(failure)}::jsonb, boot_due_at = now() + ${retryMs} * interval '1 ms'
    where id = ${id} and boot_due_at is not null
  `.execute(connection)
}
