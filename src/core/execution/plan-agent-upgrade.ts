import type { InstanceId } from '../id.ts'
import {
  compareAgentVersions,
  findAgentPlatform,
  nameAgentProgram,
  versionOfAgentProgram,
} from '../instance/agent-program.ts'
import type { OsFamily } from '../instance/facts.ts'
import type { PlannedTarget } from '../plan/plan.ts'
import type { PlanReason } from '../plan/plan-reason.ts'
import { makeReason } from '../reason/reason.ts'
import type { AgentUpgradeOperation } from './operation.ts'

interface UpgradeTarget {
  readonly id: InstanceId
  readonly facts: { readonly os: { readonly family: OsFamily; readonly arch: string } }
  /**
   * The name of the installed program; absent: the agent was not installed by install.sh or install.ps1, or
   * cannot upgrade itself.
   */
  readonly agentProgram?: string | undefined
}

/**
 * Plans the upgrade of one agent. Only agents that can upgrade themselves are work, and never to an
 * older version: a server that was downgraded would otherwise take agents with it.
 */
export function planAgentUpgrade(
  { version, bundles }: Pick<AgentUpgradeOperation, 'version' | 'bundles'>,
  { id: instanceId, facts: { os }, agentProgram }: UpgradeTarget,
): PlannedTarget {
  const skip = (reasonCode: 'NotInScope' | 'NoConfiguration', reason: PlanReason): PlannedTarget => ({
    instanceId,
    step: 'skip',
    reasonCode,
    reason,
  })
  const platform = findAgentPlatform(os)
  const bundle = platform && bundles[platform]
  if (platform === undefined || bundle === undefined)
    return skip('NoConfiguration', makeReason('NoAgentForArch', { os: os.family, arch: os.arch }))
  const installed = agentProgram === undefined ? undefined : versionOfAgentProgram(agentProgram)
  if (agentProgram === undefined || installed === undefined) return skip('NotInScope', makeReason('AgentNotUpgradable'))
  const wanted = nameAgentProgram(version, bundle)
  if (agentProgram === wanted)
    return {
      instanceId,
      step: 'none',
      reasonCode: 'AlreadyAsWanted',
      reason: makeReason('AgentIsCurrent', { program: wanted }),
    }
  if (compareAgentVersions(installed, version) > 0)
    return skip('NotInScope', makeReason('AgentIsNewer', { installed, version }))
  return {
    instanceId,
    step: 'run',
    reasonCode: 'Planned',
    reason: makeReason('AgentChanges', { from: agentProgram, to: wanted }),
    configurationId: platform,
  }
}
