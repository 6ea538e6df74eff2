import type { Platform } from '../platform/platform.ts'

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
