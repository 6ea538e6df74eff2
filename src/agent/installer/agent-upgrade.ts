import { dirname } from 'node:path'
import type { InvocationMessage } from '../../protocol/agent-messages.ts'
import { ownProgramFolder } from '../platform/executable.ts'

/**
 * Upgrades the agent. A script, because scripts outlive the agent: it observes from outside whether
 * the new version connects, and its exit code is reported by whichever version runs in the end. The
 * installed version drives it, so that a broken new one cannot prevent the way back.
 */
export const agentUpgradeScript = `#!/bin/sh
exec "$CHANDLER_AGENT/bin/chandler-agent" setup upgrade --from "$CHANDLER_WORKSPACE" --program "$CHANDLER_PROGRAM" \\
  --within "$CHANDLER_WITHIN" --prefix "$CHANDLER_PREFIX" --state "$CHANDLER_STATE"
`

/** The variables of the script. */
export const agentUpgradeEnvironment = (
  stateDirectory: string,
  { program, connectTimeoutMs }: NonNullable<InvocationMessage['agentUpgrade']>,
): Record<string, string> => ({
  CHANDLER_AGENT: ownProgramFolder,
  CHANDLER_PROGRAM: program,
  CHANDLER_WITHIN: String(Math.ceil(connectTimeoutMs / 1_000)),
  CHANDLER_PREFIX: dirname(ownProgramFolder),
  CHANDLER_STATE: stateDirectory,
})
