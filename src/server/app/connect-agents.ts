import type { Facts } from '../../core/facts.ts'
import type { InstanceId, InvocationId, ServerId } from '../../core/id.ts'
import {
  connectInstances,
  disconnectInstances,
  listAgentIdentities,
  updateInstanceFacts,
} from '../../store/agent-sessions.ts'
import { listOpenInvocations } from '../../store/invocations.ts'
import { applyReports, type Report } from './apply-reports.ts'
import type { AppContext } from './context.ts'
import { provesKey } from './proves-key.ts'

export interface Hello {
  readonly instanceId: InstanceId
  /** What had to be signed: it holds the nonce of this connection. */
  readonly proof: string
  /** Base64, over the bytes of the proof. */
  readonly signature: string
  readonly facts: Facts
  /** Invocations the agent still knows. */
  readonly open: readonly string[]
}

export type HelloAnswer = { readonly welcome: true } | { readonly refused: 'InstanceUnknown' | 'SignatureWrong' }

/**
 * Lets agents in that prove to hold the key of their instance. What an instance had begun and its agent knows nothing of any more
 * (its state directory is gone) is said to be lost at once, instead of waiting for a word that cannot come.
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
  await giveUpForgotten(context, welcome)
  return answers
}

async function giveUpForgotten(context: AppContext, hellos: readonly Hello[]): Promise<void> {
  const known = new Map(hellos.map(({ instanceId, open }) => [instanceId, new Set(open)]))
  const begun = (await listOpenInvocations(context.database, [...known.keys()])).filter(
    ({ id, instanceId, state }) => state !== 'queued' && state !== 'sent' && !known.get(instanceId)?.has(id),
  )
  if (begun.length === 0) return
  await applyReports(
    context,
    begun.map(({ id, instanceId }) => makeForgottenReport(id, instanceId)),
  )
}

function makeForgottenReport(invocationId: InvocationId, instanceId: InstanceId): Report {
  const reason =
    'The agent came back without knowing it: its state directory was lost. What happened on the instance is unknown.'
  return {
    kind: 'end',
    instanceId,
    invocationId,
    outcome: { state: 'lost', reasonCode: 'Lost', reason },
    stdoutBytes: 0,
    stderrBytes: 0,
    cutBytes: 0,
  }
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
