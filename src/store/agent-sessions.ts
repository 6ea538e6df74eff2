import { sql } from 'kysely'
import type { Facts } from '../core/facts.ts'
import type { AccountId, InstanceId, ServerId } from '../core/id.ts'
import type { Connection } from './database.ts'

export interface AgentIdentity {
  readonly id: InstanceId
  readonly accountId: AccountId
  readonly name: string
  /** Raw ed25519 key. */
  readonly publicKey: Buffer
}

/** Who these instances are; one that is unknown or was removed is left out. */
export async function listAgentIdentities(
  connection: Connection,
  ids: readonly InstanceId[],
): Promise<Map<InstanceId, AgentIdentity>> {
  const { rows } = await sql<AgentIdentity>`
    select id, account_id as "accountId", name, public_key as "publicKey"
    from instances where id = any(${ids}) and removed_at is null
  `.execute(connection)
  return new Map(rows.map((row) => [row.id, row]))
}

/** Notes which server these agents are connected to, and their facts. */
export async function connectInstances(
  connection: Connection,
  serverId: ServerId,
  agents: readonly { readonly id: InstanceId; readonly facts: Facts }[],
): Promise<void> {
  await sql`
    with locked as materialized (${lockInOrder(agents.map(({ id }) => id))})
    update instances i
    set connected_to = ${serverId}, connected_at = now(), last_seen_at = now(), facts = a.facts
    from locked join ${factsTable(agents)} using (id)
    where i.id = locked.id
  `.execute(connection)
}

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

/** An agent that is connected to another server by now is left alone. Returns whose instances they were. */
export async function disconnectInstances(
  connection: Connection,
  serverId: ServerId,
  ids: readonly InstanceId[],
): Promise<AccountId[]> {
  const { rows } = await sql<{ accountId: AccountId }>`
    with locked as materialized (${lockInOrder(ids)}), gone as (
      update instances i set connected_to = null, last_seen_at = now()
      from locked
      where i.id = locked.id and i.connected_to = ${serverId}
      returning i.account_id
    )
    select distinct account_id as "accountId" from gone
  `.execute(connection)
  return rows.map(({ accountId }) => accountId)
}

/** Batches overlap while a fleet moves between servers: all lock rows in one order, so that none waits for one that waits for it. */
const lockInOrder = (ids: readonly InstanceId[]) =>
  sql`select id from instances where id = any(${ids}) order by id for no key update`

const factsTable = (agents: readonly { readonly id: InstanceId; readonly facts: Facts }[]) => sql`
  unnest(${agents.map(({ id }) => id)}::text[], ${agents.map(({ facts }) => JSON.stringify(facts))}::jsonb[]) as a (id, facts)`
