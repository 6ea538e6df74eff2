import type { InstanceId } from '../id.ts'
import type { OsFamily } from '../instance/facts.ts'
import type { PlannedTarget } from '../plan/plan.ts'
import type { CommandOptions, CommandType, OsPackageOptions } from './operation.ts'

/** What runs on every target, in the words of reasons: a command, or the OS package manager. */
interface Run {
  readonly needs: OsFamily
  readonly what: string
  readonly does: string
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
export function planRun({ needs, what, does }: Run, { id, facts }: RunTarget): PlannedTarget {
  const { family } = facts.os
  if (family === needs) return { instanceId: id, step: 'run', reasonCode: 'Planned', reason: does }
  return {
    instanceId: id,
    step: 'skip',
    reasonCode: 'NotInScope',
    reason: `${what} runs on ${needs}; this is ${family}`,
  }
}

export const describeCommandRun = ({ type }: Pick<CommandOptions, 'type'>): Run => commandRuns[type]

const commandRuns: Readonly<Record<CommandType, Run>> = {
  RunShellScript: { needs: 'linux', what: 'a shell script', does: 'runs the script' },
  RunPowerShellScript: { needs: 'windows', what: 'a PowerShell script', does: 'runs the script' },
  RunBatScript: { needs: 'windows', what: 'a batch file', does: 'runs the script' },
}

export function describeOsPackageRun({
  installer,
  action,
  names,
}: Pick<OsPackageOptions, 'installer' | 'action' | 'names'>): Run {
  const what = installer === 'auto' ? 'the OS package manager' : installer
  return { needs: 'linux', what, does: `asks ${what} to ${action} ${clip(names.join(', '))}` }
}

const maxShownLength = 200
const clip = (text: string) => (text.length > maxShownLength ? `${text.slice(0, maxShownLength - 1)}…` : text)
