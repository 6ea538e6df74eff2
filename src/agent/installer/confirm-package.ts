import { findPackageKind } from '../../core/install/installation.ts'
import { makeReason } from '../../core/reason/reason.ts'
import type { InstallationMessage } from '../../protocol/agent-messages.ts'
import type { Engine } from '../invocation/engine.ts'
import { StepError } from '../invocation/step-error.ts'
import { findInstaller } from './find-installer.ts'

/**
 * Checks that the package manager has the package of a configuration; does nothing for other
 * artifacts. Rejects with a StepError that names the installed version.
 */
export async function confirmPackage(
  { artifacts, platform }: Pick<Engine, 'artifacts' | 'platform'>,
  installation: InstallationMessage,
): Promise<void> {
  const kind = findPackageKind(installation, 'install')
  const { artifact } = installation.configuration
  if (kind === undefined || !artifact) return
  const path = await artifacts.find(artifact)
  if (path === undefined) throw new StepError('VerifyFailed', makeReason('PackageNotKept', { file: artifact.fileName }))
  const { name, version } = await findInstaller(kind, platform).readPackage(path)
  const found = await platform.findPackageVersion(name)
  if (found === version) return
  throw new StepError('VerifyFailed', makeReason('PackageNotFound', { name, version, found: found ?? '' }))
}
