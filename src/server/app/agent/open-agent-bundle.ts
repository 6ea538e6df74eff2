import { chandlerError } from '../../../core/error/errors.ts'
import type { AgentArch } from '../../../core/instance/agent-program.ts'
import type { OsFamily } from '../../../core/instance/facts.ts'
import type { AppContext } from '../context.ts'
import { checkJoinToken } from '../instance/check-join-token.ts'
import type { AgentBundle } from './agent-bundles.ts'

/**
 * Opens the bundle for the holder of a valid join token; checks its uses without consuming one.
 * @throws JoinTokenInvalid, JoinTokenRevoked, JoinTokenExpired, JoinTokenUsedUp,
 * AgentBundleUnavailable
 */
export async function openAgentBundle(
  context: Pick<AppContext, 'database' | 'clock' | 'agentBundles'>,
  token: string,
  arch: AgentArch,
  os: OsFamily,
): Promise<AgentBundle> {
  const { uses, usesLeft } = await checkJoinToken(context, token)
  if (uses !== undefined && usesLeft === 0) throw chandlerError('JoinTokenUsedUp', { uses })
  return context.agentBundles.open(arch, os)
}
