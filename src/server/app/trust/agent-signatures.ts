import { chandlerError } from '../../../core/error/errors.ts'
import type { SignedBytes } from '../../../core/execution/invocation.ts'
import type { AccountId } from '../../../core/id.ts'
import {
  type AgentBundleRef,
  type AgentPlatform,
  agentPlatforms,
  systemsOfAgents,
} from '../../../core/instance/agent-program.ts'
import { maxSignaturesPerSubject } from '../../../core/limits.ts'
import { makeAgentStatement } from '../../../core/trust/agent-statement.ts'
import { canonicalJson } from '../../../lib/canonical-json.ts'
import { sha256Of } from '../../../lib/digest.ts'
import type { Connection } from '../../../store/database/database.ts'
import { countSignatures, listSignatures, type SignatureRow, upsertSignature } from '../../../store/trust/signatures.ts'
import { writeAudit } from '../access/write-audit.ts'
import { type AgentBundles, isUnavailable } from '../agent/agent-bundles.ts'
import type { Actor, AppContext } from '../context.ts'
import { verifyContentSignature } from './verify-content-signature.ts'

/** An agent that this server provides, as the release key signs it. */
export interface SignedAgent {
  readonly version: string
  readonly arch: AgentPlatform
  readonly canonical: string
  readonly signatures: readonly SignatureRow[]
}

type BundleContext = Pick<AppContext, 'database' | 'agentBundles'>

/** The agents of all platforms that this server provides. */
export async function listSignedAgents(context: BundleContext, actor: Actor): Promise<SignedAgent[]> {
  const agents: SignedAgent[] = []
  for (const arch of agentPlatforms) {
    const found = await findStatement(context.agentBundles, arch)
    if (!found) continue
    const signatures = await listSignatures(context.database, actor.accountId, [sha256Of(found.canonical)])
    agents.push({ ...found, arch, signatures })
  }
  return agents
}

function openBundle(agentBundles: AgentBundles, platform: AgentPlatform) {
  const { os, arch } = systemsOfAgents[platform]
  return agentBundles.open(arch, os)
}

async function findStatement(agentBundles: AgentBundles, arch: AgentPlatform) {
  try {
    const bundle = await openBundle(agentBundles, arch)
    return { version: bundle.version, canonical: renderAgentStatement(bundle.version, arch, bundle) }
  } catch (error) {
    if (isUnavailable(error)) return undefined
    throw error
  }
}

const renderAgentStatement = (version: string, arch: AgentPlatform, bundle: AgentBundleRef): string =>
  canonicalJson(makeAgentStatement(version, arch, bundle))

/**
 * Stores a signature of the release key over an agent of this server.
 * @throws AgentBundleUnavailable, ContentSignatureInvalid, ContentSignaturesTooMany
 */
export async function addAgentSignature(
  context: BundleContext & Pick<AppContext, 'clock'>,
  actor: Actor,
  arch: AgentPlatform,
  signature: string,
): Promise<void> {
  const bundle = await openBundle(context.agentBundles, arch)
  const canonical = renderAgentStatement(bundle.version, arch, bundle)
  const { namespace, publicKey } = verifyContentSignature(signature, canonical, ['chandler-agent', 'chandler-rollback'])
  const subjectSha256 = sha256Of(canonical)
  const { accountId } = actor
  await context.database.transaction().execute(async (transaction) => {
    await upsertSignature(transaction, accountId, {
      subjectSha256,
      namespace,
      keyFingerprint: publicKey.fingerprint,
      publicKey: publicKey.text,
      signature,
      createdAt: new Date(context.clock.now()),
      createdBy: actor.name,
    })
    if ((await countSignatures(transaction, accountId, subjectSha256)) > maxSignaturesPerSubject)
      throw chandlerError('ContentSignaturesTooMany', { max: maxSignaturesPerSubject })
    const detail = { version: bundle.version, namespace, key: publicKey.fingerprint }
    await writeAudit(transaction, actor, 'SignAgentBundle', `agent-bundle/${arch}`, detail)
  })
}

/** What an instance verifies before it upgrades its agent; undefined: the agent is not signed. */
export async function findSignedAgent(
  connection: Connection,
  accountId: AccountId,
  {
    version,
    arch,
    bundle,
  }: { readonly version: string; readonly arch: AgentPlatform; readonly bundle: AgentBundleRef },
): Promise<SignedBytes | undefined> {
  const canonical = renderAgentStatement(version, arch, bundle)
  const rows = await listSignatures(connection, accountId, [sha256Of(canonical)])
  return rows.length === 0 ? undefined : { canonical, signatures: rows.map(({ signature }) => signature) }
}
