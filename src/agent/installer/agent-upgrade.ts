import { dirname } from 'node:path'
import type { InvocationMessage } from '../../protocol/agent-messages.ts'
import { ownCommand, ownProgramFolder } from '../platform/executable.ts'

type AgentUpgrade = NonNullable<InvocationMessage['agentUpgrade']>

/**
 * Upgrades the agent. A script, because scripts outlive the agent: it observes from outside whether
 * the new version connects, and its exit code is reported by whichever version runs in the end. The
 * installed version drives it, so that a broken new one cannot prevent the way back.
 */
export const agentUpgradeScript = `#!/bin/sh
exec "$CHANDLER_AGENT/bin/chandler-agent" setup upgrade --from "$CHANDLER_WORKSPACE" --program "$CHANDLER_PROGRAM" \\
  --within "$CHANDLER_WITHIN" --prefix "$CHANDLER_PREFIX" --state "$CHANDLER_STATE"
`

const secondsToConnect = ({ connectTimeoutMs }: AgentUpgrade): string => String(Math.ceil(connectTimeoutMs / 1_000))

/** The variables of the script. */
export const agentUpgradeEnvironment = (stateDirectory: string, upgrade: AgentUpgrade): Record<string, string> => ({
  CHANDLER_AGENT: ownProgramFolder,
  CHANDLER_PROGRAM: upgrade.program,
  CHANDLER_WITHIN: secondsToConnect(upgrade),
  CHANDLER_PREFIX: dirname(ownProgramFolder),
  CHANDLER_STATE: stateDirectory,
})

/** The same as a command, for systems without a shell of POSIX. */
export const agentUpgradeCommand = (stateDirectory: string, workspace: string, upgrade: AgentUpgrade): string[] => {
  const switched = ['--from', workspace, '--program', upgrade.program, '--within', secondsToConnect(upgrade)]
  return [
    ...ownCommand,
    'setup',
    'upgrade',
    ...switched,
    '--prefix',
    dirname(ownProgramFolder),
    '--state',
    stateDirectory,
  ]
}
