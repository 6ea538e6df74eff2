import { makeReason } from '../../../core/reason/reason.ts'
import { StepError } from '../../invocation/step-error.ts'
import type { ProgramInstaller } from '../installer.ts'
import { readMsiFile } from './msi-program.ts'

/** Packages of Windows Installer, through msiexec. Their name is the product code. */
export const msiInstaller: ProgramInstaller = {
  check(platform) {
    if (platform.family !== 'windows')
      throw new StepError('Unsupported', makeReason('PackagesNeedSystem', { kind: 'msi' }))
    if (!platform.isPrivileged) throw new StepError('NotPermitted', makeReason('PackagesNeedAdministrator'))
  },
  async readPackage(path) {
    const { code, version } = await readMsiFile(path)
    return { name: code, version }
  },
  program: 'msi',
}
