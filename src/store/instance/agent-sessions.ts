import { sql } from 'kysely'
import type { AccountId, InstanceId, ServerId } from '../../core/id.ts'
import type { Fingerprint, KnownIdentity } from '../../core/instance/agent-identity.ts'
import type { Facts } from '../../core/instance/facts.ts'
import type { Connection } from '../database/database.ts'

/** The identity of an instance, as far as authentication needs it. */
export interface AgentIdentity extends KnownIdentity {
  readonly id: InstanceId
  readonly accountId: AccountId
  readonly name: string
  /** Raw ed25519 key. */
  readonly publicKey: Buffer
  /** The key before the last renewal. */
  readonly previousPublicKey: Buffer | undefined
  /** The age of its key in ms. */
  readonly keyAgeMs: number
  /** Its boot profile has not been started. */
  readonly isBootDue: boolean
  /** An operator removed it. Only an agent that proves the key learns that. */
  readonly isRemoved: boolean
}

/** The identities of these instances, removed ones included; unknown ones are omitted. */
export async function listAgentIdentities(
  connection: Connection,
  ids: readonly InstanceId[],
): Promise<Map<InstanceId, AgentIdentity>> {
  const { rows } = await sql<AgentIdentityRow>`
    select id, account_id as "accountId", name, public_key as "publicKey", previous_public_key as "previousPublicKey",
      extract(epoch from now() - key_since)::float8 * 1000 as "keyAgeMs", admission, fingerprint,
      other_fingerprint as "otherFingerprint", agent_runs as runs,
      boot_due_at is not null as "isBootDue", removed_at is not null as "isRemoved"
    from instances where id = any(${ids})
  `.execute(connection)
  return new Map(
    rows.map((row) => [
      row.id,
      {
        ...row,
        previousPublicKey: row.previousPublicKey ?? undefined,
        fingerprint: row.fingerprint ?? undefined,
        otherFingerprint: row.otherFingerprint ?? undefined,
      },
    ]),
  )
}

type AgentIdentityRow = Omit<AgentIdentity, 'previousPublicKey' | 'fingerprint' | 'otherFingerprint'> & {
  readonly previousPublicKey: Buffer | null
  readonly fingerprint: Fingerprint | null
  readonly otherFingerprint: Fingerprint | null
}

/** Stores which server these agents are connected to, and their facts. */
export async function connectInstances(
  connection: Connection,
  serverId: ServerId,
  agents: readonly { readonly id: InstanceId; readonly facts: Facts }[],
): Promise<void> {
  await sql`
    with locked as materialized (${lockInOrder(agents.map(({ id }) => id))})
    update instances i
    set connected_to = case when i.admission = 'pending' then null else ${serverId} end,
      waits_on = case when i.admission = 'pending' then ${serverId} end,
      connected_at = now(), last_seen_at = now(), facts = a.facts
    from locked join ${factsTable(agents)} using (id)
    where i.id = locked.id
  `.execute(connection)
}

/** Stores the facts of these instances. */
export async function updateInstanceFacts(
  connection: Connection,
  agents: readonly { readonly id: InstanceId; readonly facts: Facts }[],
): Promise<void> {
  await sql`
    with locked as materialized (${lockInOrder(agents.map(({ id }) => id))})
    update instances i set facts = a.facts
    from locked join ${factsTable(agents)} using (id)
    where i.id = locked.id
  `.execute(connection)
}

/**
 * Skips agents that are connected to another server by now. Returns the accounts of the changed
 * instances.
 */
export async function disconnectInstances(
  connection: Connection,
  serverId: ServerId,
  ids: readonly InstanceId[],
): Promise<AccountId[]> {
  const { rows } = await sql<{ accountId: AccountId }>`
    with locked as materialized (${lockInOrder(ids)}), gone as (
      update instances i set connected_to = null, waits_on = null, last_seen_at = now()
      from locked
      where i.id = locked.id and (i.connected_to = ${serverId} or i.waits_on = ${serverId})
      returning i.account_id
    )
    select distinct account_id as "accountId" from gone
  `.execute(connection)
  return rows.map(({ accountId }) => accountId)
}

/**
 * Batches overlap while a fleet moves between servers: all lock rows in the same order, which
 * prevents deadlocks.
 */
const lockInOrder = (ids: readonly InstanceId[]) =>
  sql`select id from instances where id = any(${ids}) order by id for no key update`

const factsTable = (agents: readonly { readonly id: InstanceId; readonly facts: Facts }[]) => sql`
  unnest(${agents.map(({ id }) => id)}::text[], ${agents.map(({ facts }) => JSON.stringify(facts))}::jsonb[]) as a (id, facts)`
