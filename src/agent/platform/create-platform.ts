import { OperatorError } from '../../lib/operator-error.ts'
import { createLinuxPlatform } from './linux.ts'
import type { Platform } from './platform.ts'
import { createWindowsPlatform } from './windows/windows.ts'

/** The platform of this machine. Throws an OperatorError if it is not supported. */
export function createPlatform(): Platform {
  if (process.platform === 'linux') return createLinuxPlatform()
  if (process.platform === 'win32') return createWindowsPlatform()
  throw new OperatorError(
    `the agent runs on Linux and Windows; this is ${process.platform}, for which there is no agent`,
  )
}
