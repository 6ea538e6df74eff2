import { sql } from 'kysely'
import type { ObjectLabels } from '../../core/access/object-labels.ts'
import type { AccountId, ExecutionId, InstanceId } from '../../core/id.ts'
import type { AdmissionReason } from '../../core/instance/admission-reason.ts'
import type { Admission, Fingerprint } from '../../core/instance/agent-identity.ts'
import type { BootState } from '../../core/instance/boot-profile.ts'
import type { Facts } from '../../core/instance/facts.ts'
import type { Instance } from '../../core/instance/instance.ts'
import { type EarlierReasonText, readReason } from '../../core/reason/read-reason.ts'
import type { Reason } from '../../core/reason/reason.ts'
import type { Connection } from '../database/database.ts'
import { reasonValue } from '../database/stored-reason.ts'
import { liveServerIds } from '../server/servers.ts'
import { type BootColumns, bootColumns, presentBootState } from './boot-profiles.ts'

/** An instance as stored, with its status. */
export interface InstanceRow extends Instance {
  readonly enrolledAt: Date
  readonly lastSeenAt: Date | undefined
  /** Its policies authorise what the instance gets. */
  readonly role: string
  readonly admission: Admission
  /** Why and since when it is not admitted. */
  readonly admissionReason: Reason
  readonly admissionAt: Date | undefined
  /** Absent: it joined without a boot profile. */
  readonly boot: BootState | undefined
}

/** An instance that enrols. */
export interface NewInstance {
  readonly id: InstanceId
  readonly accountId: AccountId
  readonly name: string
  /** Raw ed25519 key, 32 bytes. */
  readonly publicKey: Buffer
  readonly tags: Readonly<Record<string, string>>
  readonly resourceGroup: string
  readonly role: string
  readonly facts: Facts
  readonly fingerprint: Fingerprint | undefined
  /** Why an operator has to approve it; absent: it is admitted immediately. */
  readonly pendingReason: AdmissionReason | undefined
  readonly enrolledAt: Date
}

/** False if an instance, removed ones included, has this key: a key identifies one instance. */
export async function insertInstance(connection: Connection, instance: NewInstance): Promise<boolean> {
  const { rows } = await sql`
    insert into instances (id, account_id, name, public_key, tags, resource_group, role, facts, enrolled_at, key_since, fingerprint,
      admission, admission_reason, admission_messages, admission_at)
    values (${instance.id}, ${instance.accountId}, ${instance.name}, ${instance.publicKey}, ${JSON.stringify(instance.tags)},
      ${instance.resourceGroup}, ${instance.role}, ${JSON.stringify(instance.facts)}, ${instance.enrolledAt}, now(),
      ${instance.fingerprint ? JSON.stringify(instance.fingerprint) : null}::jsonb,
      ${instance.pendingReason === undefined ? 'admitted' : 'pending'}, ${instance.pendingReason === undefined ? null : ''}, ${instance.pendingReason === undefined ? null : reasonValue(instance.pendingReason)},
      ${instance.pendingReason === undefined ? null : instance.enrolledAt})
    on conflict (public_key) do nothing
    returning id
  `.execute(connection)
  return rows.length === 1
}

export interface InstanceIdentity {
  readonly id: InstanceId
  readonly accountId: AccountId
  readonly removedAt: Date | undefined
  readonly admission: Admission
}

/** Without an account: the agent's key determines the instance. Returns removed ones, too. */
export async function getInstanceByKey(
  connection: Connection,
  publicKey: Buffer,
): Promise<InstanceIdentity | undefined> {
  const { rows } = await sql<Omit<InstanceIdentity, 'removedAt'> & { removedAt: Date | null }>`
    select id, account_id as "accountId", removed_at as "removedAt", admission from instances where public_key = ${publicKey}
  `.execute(connection)
  return rows[0] && { ...rows[0], removedAt: rows[0].removedAt ?? undefined }
}

/** Undefined if the account has no such instance. */
export async function getInstanceRow(
  connection: Connection,
  accountId: AccountId,
  id: string,
): Promise<InstanceRow | undefined> {
  const { rows } = await sql<SelectedInstance>`
    select ${selectedInstance} from instances i where i.account_id = ${accountId} and i.id = ${id} and i.removed_at is null
  `.execute(connection)
  return rows[0] && instanceIsPresent(rows[0])
}

export interface AnyIdRow {
  readonly id: InstanceId
  readonly cloudId: string | null
  readonly admission: Admission
}

/** The account's instances that have one of these ids, their own or their cloud's. */
export async function listInstancesByAnyId(
  connection: Connection,
  accountId: AccountId,
  ids: readonly string[],
): Promise<AnyIdRow[]> {
  const { rows } = await sql<AnyIdRow>`
    select id, facts #>> '{cloud,instanceId}' as "cloudId", admission from instances
    where account_id = ${accountId} and removed_at is null and id = any(${ids})
    union
    select id, facts #>> '{cloud,instanceId}', admission from instances
    where account_id = ${accountId} and removed_at is null and facts #>> '{cloud,instanceId}' = any(${ids})
      and facts #>> '{cloud,instanceId}' is not null
  `.execute(connection)
  return rows
}

/** The labels that users set on an instance; absent fields are unchanged. */
export interface InstanceChanges {
  readonly name?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly resourceGroup?: string | undefined
}

/** Locks the instance until the transaction ends. Undefined if the account has no such instance. */
export async function lockInstanceLabels(
  connection: Connection,
  accountId: AccountId,
  id: string,
): Promise<ObjectLabels | undefined> {
  const { rows } = await sql<ObjectLabels>`
    select tags, resource_group as "resourceGroup" from instances
    where account_id = ${accountId} and id = ${id} and removed_at is null
    for no key update
  `.execute(connection)
  return rows[0]
}

/** False if the account has no such instance. */
export async function updateInstance(
  connection: Connection,
  accountId: AccountId,
  id: string,
  { name, tags, resourceGroup }: InstanceChanges,
): Promise<boolean> {
  const { rows } = await sql`
    update instances set
      name = coalesce(${name ?? null}, name),
      tags = coalesce(${tags ? JSON.stringify(tags) : null}::jsonb, tags),
      resource_group = coalesce(${resourceGroup ?? null}, resource_group)
    where account_id = ${accountId} and id = ${id} and removed_at is null
    returning id
  `.execute(connection)
  return rows.length === 1
}

/** False if the account has no such instance. */
export async function updateInstanceRole(
  connection: Connection,
  accountId: AccountId,
  id: string,
  role: string,
): Promise<boolean> {
  const { rows } = await sql`
    update instances set role = ${role} where account_id = ${accountId} and id = ${id} and removed_at is null returning id
  `.execute(connection)
  return rows.length === 1
}

/** The number of instances with a role, and of unrevoked join tokens that assign it. */
export async function countRoleUse(
  connection: Connection,
  accountId: AccountId,
  role: string,
): Promise<{ readonly instances: number; readonly joinTokens: number }> {
  const { rows } = await sql<{ instances: number; joinTokens: number }>`
    select
      (select count(*) from instances where account_id = ${accountId} and role = ${role} and removed_at is null) as instances,
      (select count(*) from join_tokens where account_id = ${accountId} and role = ${role} and revoked_at is null) as "joinTokens"
  `.execute(connection)
  return rows[0]!
}

/**
 * Its row is kept, so that its key is known and refused; its installed state is deleted. False if
 * there is no such instance.
 */
export async function removeInstanceRow(
  connection: Connection,
  accountId: AccountId,
  id: string,
  at: Date,
): Promise<boolean> {
  const { rows } = await sql`
    with removed as (
      update instances set removed_at = ${at}, connected_to = null, waits_on = null
      where account_id = ${accountId} and id = ${id} and removed_at is null
      returning id
    ), forgotten as (
      delete from installed_states s using removed r where s.instance_id = r.id
    )
    select id from removed
  `.execute(connection)
  return rows.length === 1
}

/** Executions that have handed work to this instance and have not received its end. */
export async function listExecutionsAtWork(
  connection: Connection,
  accountId: AccountId,
  id: string,
): Promise<ExecutionId[]> {
  const { rows } = await sql<{ id: ExecutionId }>`
    select distinct e.id from mutation_locks l join executions e on e.id = l.execution_id
    where l.instance_id = ${id} and e.account_id = ${accountId}
    order by e.id
  `.execute(connection)
  return rows.map((row) => row.id)
}

/** Executions that have not begun their task on this instance, or its next part. */
export async function listExecutionsAwaiting(connection: Connection, id: InstanceId): Promise<ExecutionId[]> {
  const { rows } = await sql<{ id: ExecutionId }>`
    select e.id from task_executions t join executions e on e.id = t.execution_id and e.ended_at is null
    where t.instance_id = ${id} and (t.status = 'Pending' or t.part_due)
    order by e.id
  `.execute(connection)
  return rows.map((row) => row.id)
}

/** For the table `instances i`. */
export const isOnline = sql<boolean>`(i.connected_to is not null and i.connected_to = any(${liveServerIds}))`

/** For the table `instances i`; `presentInstance` converts a row of it. */
export const selectedInstance = sql`i.id, i.name, i.facts, i.tags, i.resource_group, i.role, i.enrolled_at, i.last_seen_at, i.admission,
  i.admission_reason, i.admission_messages, i.admission_at, ${isOnline} as online, ${bootColumns}`

export interface SelectedInstance extends BootColumns {
  id: InstanceId
  name: string
  facts: Facts
  tags: Record<string, string>
  resource_group: string
  role: string
  enrolled_at: Date
  last_seen_at: Date | null
  admission: Admission
  admission_reason: EarlierReasonText | null
  admission_messages: Reason | null
  admission_at: Date | null
  online: boolean
}

/** A connected agent counts as seen now; the stored instant is that of its connection. */
export const instanceIsPresent = (row: SelectedInstance): InstanceRow => ({
  id: row.id,
  name: row.name,
  status: row.online ? 'online' : 'offline',
  facts: row.facts,
  tags: row.tags,
  resourceGroup: row.resource_group,
  enrolledAt: row.enrolled_at,
  lastSeenAt: row.last_seen_at ?? undefined,
  role: row.role,
  admission: row.admission,
  admissionReason: readReason({ reason: row.admission_reason, reason_messages: row.admission_messages }),
  admissionAt: row.admission_at ?? undefined,
  boot: presentBootState(row),
})
