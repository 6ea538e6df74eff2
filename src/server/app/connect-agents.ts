import type { Facts } from '../../core/facts.ts'
import type { InstanceId, ServerId } from '../../core/id.ts'
import type { OpenReconciliation } from '../../core/reconcile-open.ts'
import {
  connectInstances,
  disconnectInstances,
  listAgentIdentities,
  updateInstanceFacts,
} from '../../store/agent-sessions.ts'
import type { AppContext } from './context.ts'
import { provesKey } from './proves-key.ts'
import { type AgentInventory, reconcileAgents } from './reconcile-agents.ts'

export interface Hello {
  readonly instanceId: InstanceId
  /** What had to be signed: it holds the nonce of this connection. */
  readonly proof: string
  /** Base64, over the bytes of the proof. */
  readonly signature: string
  readonly facts: Facts
  /** Absent: it follows in pages. */
  readonly inventory: AgentInventory | undefined
}

export type HelloAnswer =
  | { readonly welcome: true; readonly reconciliation?: OpenReconciliation | undefined }
  | { readonly refused: 'InstanceUnknown' | 'SignatureWrong' }

/**
 * Lets agents in that prove to hold the key of their instance, and compares what they know with what the server knows.
 */
export async function connectAgents(
  context: AppContext,
  serverId: ServerId,
  hellos: readonly Hello[],
): Promise<HelloAnswer[]> {
  const { database } = context
  const identities = await listAgentIdentities(
    database,
    hellos.map(({ instanceId }) => instanceId),
  )
  const answers = hellos.map((hello): HelloAnswer => {
    const identity = identities.get(hello.instanceId)
    if (!identity) return { refused: 'InstanceUnknown' }
    const signature = Buffer.from(hello.signature, 'base64')
    return provesKey(identity.publicKey, hello.proof, signature) ? { welcome: true } : { refused: 'SignatureWrong' }
  })
  const welcome = hellos.filter((_, index) => 'welcome' in (answers[index] as HelloAnswer))
  if (welcome.length === 0) return answers
  await connectInstances(
    database,
    serverId,
    welcome.map(({ instanceId: id, facts }) => ({ id, facts })),
  )
  const accountIds = new Set(welcome.flatMap(({ instanceId }) => identities.get(instanceId)?.accountId ?? []))
  context.changed([...accountIds].map((id) => `instances/${id}` as const))
  const reconciliations = await reconcileAgents(
    context,
    welcome.flatMap(({ instanceId, inventory }) => (inventory ? [{ instanceId, inventory }] : [])),
  )
  return answers.map((answer, index) => {
    const reconciliation = reconciliations.get((hellos[index] as Hello).instanceId)
    return 'welcome' in answer ? { ...answer, reconciliation } : answer
  })
}

export async function disconnectAgents(
  { database, changed }: AppContext,
  serverId: ServerId,
  ids: readonly InstanceId[],
): Promise<void> {
  const accountIds = await disconnectInstances(database, serverId, ids)
  if (accountIds.length > 0) changed(accountIds.map((id) => `instances/${id}` as const))
}

export const updateFacts = (
  { database }: AppContext,
  agents: readonly { readonly id: InstanceId; readonly facts: Facts }[],
) => updateInstanceFacts(database, agents)
