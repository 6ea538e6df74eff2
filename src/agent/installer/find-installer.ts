import type { ArtifactKind } from '../../core/extension/extension.ts'
import { makeReason } from '../../core/reason/reason.ts'
import { StepError } from '../invocation/step-error.ts'
import type { Platform } from '../platform/platform.ts'
import { debInstaller } from './deb.ts'
import type { Installer } from './installer.ts'
import { msiInstaller } from './msi/msi.ts'
import { rpmInstaller } from './rpm.ts'

/**
 * One entry per package kind that needs no scripts; an entry without implementation throws
 * Unsupported.
 */
const installers: Partial<Record<ArtifactKind, Installer>> = {
  deb: debInstaller,
  rpm: rpmInstaller,
  msi: msiInstaller,
}

/**
 * Throws a StepError (Unsupported, NotPermitted) if packages of this kind cannot be managed here.
 */
export function findInstaller(kind: ArtifactKind, platform: Platform): Installer {
  const installer = installers[kind]
  if (!installer) throw new StepError('Unsupported', makeReason('PackageKindUnsupported', { kind }))
  installer.check(platform)
  return installer
}
