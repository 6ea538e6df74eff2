import { OperatorError } from '../../lib/operator-error.ts'
import { createLinuxPlatform } from './linux.ts'
import type { Platform } from './platform.ts'

/** The platform of this machine. Throws an OperatorError if it is not supported. */
export function createPlatform(): Platform {
  if (process.platform !== 'linux')
    throw new OperatorError(`the agent runs on Linux; this is ${process.platform}, for which there is no agent yet`)
  return createLinuxPlatform()
}
