import { sql } from 'kysely'
import type { ObjectFilter } from '../../core/access/object-filter.ts'
import type { AccountId, InstanceId } from '../../core/id.ts'
import type { AdmissionReason } from '../../core/instance/admission-reason.ts'
import type { Fingerprint } from '../../core/instance/agent-identity.ts'
import { type ReasonColumns, readReason } from '../../core/reason/read-reason.ts'
import type { Reason } from '../../core/reason/reason.ts'
import { andCondition, permittedCondition } from '../access/object-labels.ts'
import type { Connection } from '../database/database.ts'
import { reasonValue } from '../database/stored-reason.ts'
import { isOnline } from './instances.ts'

/**
 * The number of agent process ids that are remembered: a copy is detected even if it connects
 * several times between two connections of the other.
 */
const rememberedRuns = 16

/**
 * Stores the identity data of admitted agents; an absent fingerprint leaves the stored one
 * unchanged.
 */
export async function updateAgentIdentities(
  connection: Connection,
  agents: readonly {
    readonly id: InstanceId
    readonly run: string
    readonly fingerprint: Fingerprint | undefined
    /** Whether the instance's previous key is restored. */
    readonly restoresOldKey: boolean
  }[],
): Promise<void> {
  await sql`
    with locked as materialized (
      select id from instances where id = any(${agents.map(({ id }) => id)}) order by id for no key update
    )
    update instances i
    set agent_runs = (array[a.run] || array_remove(i.agent_runs, a.run))[1:${sql.lit(rememberedRuns)}],
      fingerprint = coalesce(a.fingerprint, i.fingerprint),
      public_key = case when a.restores and i.previous_public_key is not null then i.previous_public_key else i.public_key end,
      previous_public_key = case when a.restores then null else i.previous_public_key end,
      -- Whichever of the two machines an operator has released came first: from now on it is the one.
      other_fingerprint = case when i.admission = 'admitted' then null else i.other_fingerprint end
    from locked join unnest(
      ${agents.map(({ id }) => id)}::text[], ${agents.map(({ run }) => run)}::text[],
      ${agents.map(({ fingerprint }) => (fingerprint ? JSON.stringify(fingerprint) : null))}::jsonb[],
      ${agents.map(({ restoresOldKey }) => restoresOldKey)}::boolean[]
    ) as a (id, run, fingerprint, restores) using (id)
    where i.id = locked.id
  `.execute(connection)
}

/** Returns the admitted instances among these. */
export async function listAdmitted(connection: Connection, ids: readonly InstanceId[]): Promise<Set<InstanceId>> {
  const { rows } = await sql<{ id: InstanceId }>`
    select id from instances where id = any(${ids}) and admission = 'admitted'
  `.execute(connection)
  return new Set(rows.map(({ id }) => id))
}

/**
 * Quarantines an instance, so that it gets no work; false if it is quarantined already or not
 * admitted yet.
 */
export async function quarantineInstance(
  connection: Connection,
  id: InstanceId,
  reason: AdmissionReason,
  otherFingerprint: Fingerprint | undefined,
): Promise<boolean> {
  const { rows } = await sql`
    update instances
    set admission = 'quarantined', admission_reason = '', admission_messages = ${reasonValue(reason)}, admission_at = now(),
      other_fingerprint = ${otherFingerprint ? JSON.stringify(otherFingerprint) : null}::jsonb
    where id = ${id} and admission = 'admitted' and removed_at is null
    returning id
  `.execute(connection)
  return rows.length === 1
}

/**
 * Admits a pending instance: if its agent is connected, it is online from now on. False if it is
 * not pending.
 */
export async function approveInstanceRow(connection: Connection, accountId: AccountId, id: string): Promise<boolean> {
  const { rows } = await sql`
    update instances i
    set admission = 'admitted', admission_reason = null, admission_messages = null, admission_at = null, waits_on = null,
      connected_to = (select s.id from servers s where s.id = i.waits_on)
    where account_id = ${accountId} and id = ${id} and admission = 'pending' and removed_at is null
    returning id
  `.execute(connection)
  return rows.length === 1
}

/**
 * Ends the quarantine of an instance. A connected machine remains the known one; if none is
 * connected, the machine that was refused last may replace it with its key. False if it is not
 * quarantined.
 */
export async function releaseInstanceRow(
  connection: Connection,
  accountId: AccountId,
  id: string,
): Promise<{ readonly acceptsOther: boolean } | undefined> {
  const { rows } = await sql<{ acceptsOther: boolean }>`
    update instances
    set admission = 'admitted', admission_reason = null, admission_messages = null, admission_at = null, agent_runs = '{}',
      other_fingerprint = case when connected_to is null then other_fingerprint end
    where account_id = ${accountId} and id = ${id} and admission = 'quarantined' and removed_at is null
    returning connected_to is null and other_fingerprint is not null as "acceptsOther"
  `.execute(connection)
  return rows[0]
}

/**
 * Replaces the key of an instance if it still has the old one and is not quarantined; returns
 * whether it did.
 */
export async function updateInstanceKey(
  connection: Connection,
  id: InstanceId,
  { from, to }: { readonly from: Buffer; readonly to: Buffer },
): Promise<boolean> {
  const { rows } = await sql`
    update instances set public_key = ${to}, previous_public_key = ${from}, key_since = now()
    where id = ${id} and public_key = ${from} and admission <> 'quarantined' and removed_at is null
      and not exists (select from instances other where other.public_key = ${to})
    returning id
  `.execute(connection)
  return rows.length === 1
}

/** Another online instance of the account with this name. */
export async function findOnlineNamesake(
  connection: Connection,
  accountId: AccountId,
  name: string,
  id: InstanceId,
): Promise<InstanceId | undefined> {
  const { rows } = await sql<{ id: InstanceId }>`
    select i.id from instances i
    where i.account_id = ${accountId} and i.name = ${name} and i.removed_at is null and i.id <> ${id} and ${isOnline}
    order by i.id limit 1
  `.execute(connection)
  return rows[0]?.id
}

export interface NotAdmitted {
  readonly id: InstanceId
  readonly name: string
  readonly reason: Reason
  readonly since: Date
}

export interface NotAdmittedList {
  readonly count: number
  readonly first: readonly NotAdmitted[]
}

/**
 * Instances that wait for an operator's decision, longest first: the first of them, and the total
 * count.
 */
export async function listNotAdmitted(
  connection: Connection,
  accountId: AccountId,
  admission: 'pending' | 'quarantined',
  limit: number,
  permitted?: ObjectFilter,
): Promise<NotAdmittedList> {
  const { rows } = await sql<Omit<NotAdmitted, 'reason'> & ReasonColumns & { count: number }>`
    select id, name, admission_reason as reason, admission_messages as reason_messages, admission_at as since, count(*) over () as count
    from instances i
    where account_id = ${accountId} and removed_at is null and admission <> 'admitted' and admission = ${admission}
      ${andCondition(permittedCondition('instance', permitted))}
    order by admission_at, id
    limit ${limit}
  `.execute(connection)
  return {
    count: rows[0]?.count ?? 0,
    first: rows.map(({ id, name, since, ...row }) => ({ id, name, since, reason: readReason(row) })),
  }
}
