import type { InstanceId } from '../id.ts'
import type { OsFamily } from '../instance/facts.ts'
import type { PlannedTarget } from '../plan/plan.ts'
import type { CommandType, OsPackageAction, OsPackageInstaller } from './operation.ts'

/** An operation that runs on every target: a command, or the OS package manager. */
export type RunRequest =
  | { readonly kind: 'command'; readonly type: CommandType }
  | {
      readonly kind: 'osPackage'
      readonly action: OsPackageAction
      readonly installer: OsPackageInstaller
      readonly names: readonly string[]
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
export function planRun(request: RunRequest, { id, facts }: RunTarget): PlannedTarget {
  const { family } = facts.os
  const { needs, what, does } = describeRun(request)
  if (family === needs) return { instanceId: id, step: 'run', reasonCode: 'Planned', reason: does }
  return {
    instanceId: id,
    step: 'skip',
    reasonCode: 'NotInScope',
    reason: `${what} runs on ${needs}; this is ${family}`,
  }
}

function describeRun(request: RunRequest): { needs: OsFamily; what: string; does: string } {
  if (request.kind === 'osPackage') {
    const { installer, action, names } = request
    const what = installer === 'auto' ? 'the OS package manager' : installer
    return { needs: 'linux', what, does: `asks ${what} to ${action} ${clip(names.join(', '))}` }
  }
  switch (request.type) {
    case 'RunShellScript':
      return { needs: 'linux', what: 'a shell script', does: 'runs the script' }
    case 'RunPowerShellScript':
      return { needs: 'windows', what: 'a PowerShell script', does: 'runs the script' }
    case 'RunBatScript':
      return { needs: 'windows', what: 'a batch file', does: 'runs the script' }
  }
}

const maxShownLength = 200
const clip = (text: string) => (text.length > maxShownLength ? `${text.slice(0, maxShownLength - 1)}…` : text)
