/** What the agent asks the program `chandler-agent msi` to do, in a file of the script's directory. */
export interface MsiRequest {
  readonly action: 'install' | 'uninstall'
  /** Path of the package; undefined if it is no longer on the instance. */
  readonly packagePath?: string | undefined
  /** Its file name, for messages. */
  readonly packageFile: string
  /** Path of the package that it replaces. */
  readonly replaces?: string | undefined
  /** Values by the names of properties. */
  readonly properties: Readonly<Record<string, string>>
  /** Folder for the result files (package-script.ts). */
  readonly results: string
  /** The log of Windows Installer. */
  readonly log: string
  /** The list of packages from before an interrupted installation. */
  readonly before?: string | undefined
}
