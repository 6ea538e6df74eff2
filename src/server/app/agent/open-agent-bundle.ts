import { chandlerError } from '../../../core/error/errors.ts'
import type { AppContext } from '../context.ts'
import { checkJoinToken } from '../instance/check-join-token.ts'

/** The architectures as in facts. */
export const agentArchs = ['x86_64', 'arm64'] as const
export type AgentArch = (typeof agentArchs)[number]

/** A tar.gz with everything that an agent needs, its Node.js included. */
export interface AgentBundle {
  readonly sha256: string
  readonly sizeBytes: number
  readonly version: string
  read(): AsyncIterable<Uint8Array>
}

/** The agent bundles of this server. */
export interface AgentBundles {
  /** @throws AgentBundleUnavailable */
  open(arch: AgentArch): Promise<AgentBundle>
}

/**
 * Opens the bundle for the holder of a valid join token; checks its uses without consuming one.
 * @throws JoinTokenInvalid, JoinTokenRevoked, JoinTokenExpired, JoinTokenUsedUp,
 * AgentBundleUnavailable
 */
export async function openAgentBundle(
  context: Pick<AppContext, 'database' | 'clock'> & { readonly agentBundles: AgentBundles },
  token: string,
  arch: AgentArch,
): Promise<AgentBundle> {
  const { uses, usesLeft } = await checkJoinToken(context, token)
  if (uses !== undefined && usesLeft === 0) throw chandlerError('JoinTokenUsedUp', { uses })
  return context.agentBundles.open(arch)
}
