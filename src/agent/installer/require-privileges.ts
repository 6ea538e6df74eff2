import type { NativePackages } from '../../core/install/step-reason.ts'
import { makeReason } from '../../core/reason/reason.ts'
import { StepError } from '../invocation/step-error.ts'
import type { Platform } from '../platform/platform.ts'

/**
 * Throws a StepError where OS packages cannot be managed: Unsupported on another operating system
 * than Linux, NotPermitted for an agent that is not root.
 */
export function requirePrivileges(platform: Platform, kind: NativePackages): void {
  if (platform.family !== 'linux') throw new StepError('Unsupported', makeReason('PackagesNeedSystem', { kind }))
  if (!platform.isPrivileged) throw new StepError('NotPermitted', makeReason('PackagesNeedRoot'))
}
