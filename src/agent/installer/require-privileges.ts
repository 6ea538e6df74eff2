import { StepError } from '../invocation/step-error.ts'
import type { Platform } from '../platform/platform.ts'

/**
 * Throws a StepError where OS packages cannot be managed: Unsupported with `unsupported` on another
 * operating system than Linux, NotPermitted for an agent that is not root.
 */
export function requirePrivileges(platform: Platform, unsupported: string): void {
  if (platform.family !== 'linux') throw new StepError('Unsupported', unsupported)
  if (!platform.isPrivileged)
    throw new StepError(
      'NotPermitted',
      'Only root may install or remove OS packages. Run the agent as root, or use scripts that need no root.',
    )
}
