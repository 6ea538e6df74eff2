import { StepError } from '../../invocation/step-error.ts'
import type { ProgramInstaller } from '../installer.ts'
import { readMsiFile } from './msi-program.ts'

/** Packages of Windows Installer, through msiexec. Their name is the product code. */
export const msiInstaller: ProgramInstaller = {
  check(platform) {
    if (platform.family !== 'windows')
      throw new StepError('Unsupported', 'An msi package can be installed on Windows only.')
    if (!platform.isPrivileged)
      throw new StepError(
        'NotPermitted',
        'Only an administrator may install or remove programs. Run the agent as a service, or use scripts that need no administrator.',
      )
  },
  async readPackage(path) {
    const { code, version } = await readMsiFile(path)
    return { name: code, version }
  },
  program: 'msi',
}
