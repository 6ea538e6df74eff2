import type { Platform } from '../platform/platform.ts'

/**
 * Operations of an OS package manager, run through generated scripts, so that they are supervised,
 * outlive the agent and end with their process tree like any other script. Values are passed in the
 * environment. Every installer works in the same order: record the state, repair interrupted
 * operations, simulate and refuse, act, record the state again; package-script.ts documents the
 * result files for the agent.
 */
interface InstallerBase {
  /** Throws a StepError that says why it cannot work on this instance. */
  check(platform: Platform): void
  /** Metadata of a package file. Rejects if it is not a package. */
  readPackage(path: string): Promise<{ name: string; version: string }>
}

/** Through a generated shell script. */
export interface ScriptInstaller extends InstallerBase {
  /**
   * Expects CHANDLER_PACKAGE and CHANDLER_SIGNATURE, the version's policy; CHANDLER_REPLACES is the
   * previously installed package file, if any.
   */
  readonly install: string
  /**
   * Expects CHANDLER_PACKAGE, empty if the file is missing, and CHANDLER_PACKAGE_FILE, its name.
   * After an interrupted installation, CHANDLER_BEFORE is the list of packages from before it.
   */
  readonly uninstall: string
}

/**
 * Through a command of the agent's own program, `chandler-agent NAME FILE`, with its request in the
 * file: Windows has no shell that can be tested as well as a function.
 */
export interface ProgramInstaller extends InstallerBase {
  readonly program: 'msi'
}

export type Installer = ScriptInstaller | ProgramInstaller
