import type { InstanceId, ServerId } from '../../../core/id.ts'
import type { Fingerprint, IdentityVerdict } from '../../../core/instance/agent-identity.ts'
import type { Facts } from '../../../core/instance/facts.ts'
import type { OpenReconciliation } from '../../../core/instance/reconcile-open.ts'
import { agentKeyMaxAgeMs } from '../../../core/limits.ts'
import {
  type AgentIdentity,
  connectInstances,
  disconnectInstances,
  listAgentIdentities,
  updateInstanceFacts,
} from '../../../store/instance/agent-sessions.ts'
import type { AppContext } from '../context.ts'
import { judgeAgents, type ProvedHello } from './judge-agents.ts'
import { provesKey } from './proves-key.ts'
import { type AgentInventory, reconcileAgents } from './reconcile-agents.ts'

/** The first message of an agent after its challenge. */
export interface Hello {
  readonly instanceId: InstanceId
  /** The signed text: it contains the nonce of this connection. */
  readonly proof: string
  /** Base64, over the bytes of the proof. */
  readonly signature: string
  readonly facts: Facts
  /** Of the agent's machine. Absent: an agent of protocol version 2 or older. */
  readonly fingerprint?: Fingerprint | undefined
  /** A random id of this agent process. */
  readonly run?: string | undefined
  /** Remote address. */
  readonly source: string
  /** Absent: it follows in pages. */
  readonly inventory: AgentInventory | undefined
}

/** The response to a hello. */
export type HelloAnswer =
  | {
      readonly welcome: true
      /** When its key has to be renewed; 0: now. */
      readonly renewKeyInMs: number
      readonly reconciliation?: OpenReconciliation | undefined
    }
  | { readonly refused: 'InstanceUnknown' | 'InstanceRemoved' | 'SignatureWrong' | 'InstanceQuarantined' }

/**
 * Accepts agents that prove their instance's key, and reconciles their inventory with the server's
 * state.
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
  const claims = hellos.map((hello) => findProof(identities.get(hello.instanceId), hello))
  const verdicts = await judgeAgents(
    context,
    claims.filter((claim) => typeof claim === 'object'),
  )
  const left = verdicts.values()
  const answers = claims.map((claim): HelloAnswer => {
    if (typeof claim === 'string') return { refused: claim }
    const { mayConnect } = left.next().value as IdentityVerdict
    if (!mayConnect) return { refused: 'InstanceQuarantined' }
    return { welcome: true, renewKeyInMs: Math.max(0, agentKeyMaxAgeMs - claim.identity.keyAgeMs) }
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
  if (welcome.some(({ instanceId }) => identities.get(instanceId)?.isBootDue)) context.wakeBoots()
  const reconciliations = await reconcileAgents(
    context,
    welcome.flatMap(({ instanceId, inventory }) => (inventory ? [{ instanceId, inventory }] : [])),
  )
  return answers.map((answer, index) => {
    const reconciliation = reconciliations.get((hellos[index] as Hello).instanceId)
    return 'welcome' in answer ? { ...answer, reconciliation } : answer
  })
}

/**
 * The instance whose key the agent proves, a key replaced by a renewal included; or why there is
 * none.
 */
function findProof(
  identity: AgentIdentity | undefined,
  { proof, signature, fingerprint, run, source }: Hello,
): ProvedHello | 'InstanceUnknown' | 'InstanceRemoved' | 'SignatureWrong' {
  if (!identity) return 'InstanceUnknown'
  const proves = (key: Buffer | undefined) =>
    key !== undefined && provesKey(key, proof, Buffer.from(signature, 'base64'))
  if (identity.isRemoved) return proves(identity.publicKey) ? 'InstanceRemoved' : 'InstanceUnknown'
  const claim = { identity, fingerprint, run, source }
  if (proves(identity.publicKey)) return { ...claim, hasOldKey: false }
  return proves(identity.previousPublicKey) ? { ...claim, hasOldKey: true } : 'SignatureWrong'
}

/** Stores that these agents have disconnected from this server. */
export async function disconnectAgents(
  { database, changed }: AppContext,
  serverId: ServerId,
  ids: readonly InstanceId[],
): Promise<void> {
  const accountIds = await disconnectInstances(database, serverId, ids)
  if (accountIds.length > 0) changed(accountIds.map((id) => `instances/${id}` as const))
}

/** Stores the facts of these instances. */
export const updateFacts = (
  { database }: AppContext,
  agents: readonly { readonly id: InstanceId; readonly facts: Facts }[],
) => updateInstanceFacts(database, agents)
