import type { InstanceId } from '../id.ts'
import type { OsFamily } from '../instance/facts.ts'
import type { PlannedTarget } from '../plan/plan.ts'
import { listFirst, type PlanReason } from '../plan/plan-reason.ts'
import { makeReason } from '../reason/reason.ts'
import type { CommandOptions, CommandType, OsPackageOptions } from './operation.ts'

/** What runs on every target: a command, or the OS package manager. */
interface Run {
  readonly needs: OsFamily
  readonly reason: PlanReason
  /** Why it does not run on another OS. */
  readonly explainMisfit: (instanceOs: OsFamily) => PlanReason
}

interface RunTarget {
  readonly id: InstanceId
  readonly facts: { readonly os: { readonly family: OsFamily } }
}

/**
 * Commands and OS packages leave no state to compare with: every instance with a matching OS is
 * work. The package manager itself knows what is installed; if there is nothing to do, it reports
 * that.
 */
export function planRun({ needs, reason, explainMisfit }: Run, { id, facts }: RunTarget): PlannedTarget {
  const { family } = facts.os
  if (family === needs) return { instanceId: id, step: 'run', reasonCode: 'Planned', reason }
  return { instanceId: id, step: 'skip', reasonCode: 'NotInScope', reason: explainMisfit(family) }
}

export function describeCommandRun({ type }: Pick<CommandOptions, 'type'>): Run {
  const os = commandSystems[type]
  return {
    needs: os,
    reason: makeReason('RunsScript'),
    explainMisfit: (instanceOs) => makeReason('CommandNeedsOs', { type, os, instanceOs }),
  }
}

const commandSystems: Readonly<Record<CommandType, OsFamily>> = {
  RunShellScript: 'linux',
  RunPowerShellScript: 'windows',
  RunBatScript: 'windows',
}

export function describeOsPackageRun({
  installer,
  action,
  names,
}: Pick<OsPackageOptions, 'installer' | 'action' | 'names'>): Run {
  const { first, more } = listFirst(names)
  return {
    needs: 'linux',
    reason: makeReason('RunsPackageManager', { installer, action, names: first, more }),
    explainMisfit: (instanceOs) => makeReason('PackagesNeedOs', { installer, os: 'linux', instanceOs }),
  }
}
