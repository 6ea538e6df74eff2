import type { ArtifactKind } from '../../core/extension/extension.ts'
import { StepError } from '../invocation/step-error.ts'
import type { Platform } from '../platform/platform.ts'
import { debInstaller } from './deb.ts'

/**
 * How an OS package manager is asked to do what a script would: by a script of our own, so that it is supervised, outlives the agent and
 * ends with its tree like any other. Values come by the environment. Every installer works in the same order: note the state, repair what
 * was interrupted, simulate and refuse, act, note the state again; package-script.ts says what a script leaves for the agent to judge.
 */
export interface Installer {
  /** Throws a StepError that says why it cannot work on this instance. */
  check(platform: Platform): void
  /** What a package file says of itself. Rejects if it is none. */
  readPackage(path: string): Promise<{ name: string; version: string }>
  /** Takes CHANDLER_PACKAGE; CHANDLER_REPLACES is the package file that was installed before, if there is one. */
  readonly install: string
  /**
   * Takes CHANDLER_PACKAGE, which is empty if the file is gone, and CHANDLER_PACKAGE_FILE, its name. After an interrupted installation
   * CHANDLER_BEFORE is the list of packages from before it.
   */
  readonly uninstall: string
}

/** One line for each kind that needs no scripts; what is not here yet says so. */
const installers: Partial<Record<ArtifactKind, Installer>> = { deb: debInstaller }

/** Throws a StepError (Unsupported, NotPermitted) if packages of this kind cannot be managed here. */
export function findInstaller(kind: ArtifactKind, platform: Platform): Installer {
  const installer = installers[kind]
  if (!installer)
    throw new StepError(
      'Unsupported',
      `This agent cannot install ${kind} packages by itself yet. Give the configuration an install and an uninstall script.`,
    )
  installer.check(platform)
  return installer
}
