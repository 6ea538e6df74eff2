import type { Action, ParameterValues } from '../extension/extension.ts'
import type { ExecutionId, ExtensionId } from '../id.ts'

/**
 * What an execution does on each of its targets: a closed union. Planning, handing out and reporting look inside; reconciling, rate
 * control, delivery and pages do not.
 */
export type Operation = ExtensionOperation | ExtensionsOperation | CommandOperation | OsPackageOperation

/** How an action is carried out, beside what it does. */
export interface ActionOptions {
  /** Install and update: also where the very same is installed. */
  readonly reinstall?: boolean | undefined
  /** OS packages may remove other packages, whatever their versions say. */
  readonly allowRemovals?: boolean | undefined
}

export interface ExtensionOperation extends OperationPart, ActionOptions {
  readonly kind: 'extension'
  readonly action: Action
}

/**
 * Several extensions, one after the other on each instance: a part begins when the one before it has succeeded. One task carries all of
 * them out, each with an invocation of its own.
 */
export interface ExtensionsOperation extends ActionOptions {
  readonly kind: 'extensions'
  readonly action: Action
  /** In their order; no extension twice. */
  readonly parts: readonly OperationPart[]
}

/** One extension version with the values it is wanted with. */
export interface OperationPart {
  readonly extensionId: ExtensionId
  readonly extensionName: string
  /** Install and update: the wanted version. Uninstall: what to remove is what each instance has. */
  readonly version: number
  /**
   * The values of an instance that has nothing installed (defaults filled in); noEcho values are absent here and kept encrypted beside
   * it. Instances that have the extension keep theirs: see parameter sets.
   */
  readonly parameters: ParameterValues
  readonly parametersDigest: string
  /** Names of the values that were given. Absent in executions of before installed values were kept: all of them count as given. */
  readonly given?: readonly string[]
  /** Installed values are not kept. */
  readonly resetParameters?: boolean | undefined
}

/** The types of command that Cloud Assistant knows. A shell script may begin with `#!`, and is then run by what that names. */
export const commandTypes = ['RunShellScript', 'RunPowerShellScript', 'RunBatScript'] as const
export type CommandType = (typeof commandTypes)[number]

/**
 * Runs a script of the request's own. It leaves no installed state, and commands never wait for each other. The script itself is kept
 * beside it: nobody who only looks at executions needs it.
 */
export interface CommandOperation extends Omit<CommandOptions, 'content'> {
  readonly kind: 'command'
  /** What the script gets; secret ones are absent here and kept encrypted beside it. */
  readonly parameters: ParameterValues
  readonly parametersDigest: string
}

export interface CommandOptions {
  readonly type: CommandType
  readonly content: string
  /** OS user; absent = the agent's own (root). */
  readonly runAs?: string | undefined
  /** Absolute, and there already; absent = a fresh workspace. */
  readonly workDir?: string | undefined
  readonly timeoutMs: number
  /** False: `{{ name }}` in it is text like any other; absent = it stands for a parameter, as in the scripts of extensions. */
  readonly placeholders?: boolean | undefined
}

export const osPackageActions = ['install', 'uninstall', 'update'] as const
export type OsPackageAction = (typeof osPackageActions)[number]
/** `auto`: the first of the others that an instance has. */
export const osPackageInstallers = ['auto', 'apt-get', 'yum', 'dnf', 'zypper'] as const
export type OsPackageInstaller = (typeof osPackageInstallers)[number]

/** Asks the package manager of the OS for packages of its own sources. */
export interface OsPackageOperation extends OsPackageOptions {
  readonly kind: 'osPackage'
}

export interface OsPackageOptions {
  readonly action: OsPackageAction
  /** `auto` if nothing is said. */
  readonly installer: OsPackageInstaller
  /** Names as `isOsPackageName` has them, at least one, none twice. */
  readonly names: readonly string[]
  readonly timeoutMs: number
  /** Other packages may be removed; otherwise the operation is refused where it would do that. */
  readonly allowRemovals?: boolean | undefined
}

export const readActionOptions = ({ reinstall, allowRemovals }: ActionOptions): ActionOptions => ({
  ...(reinstall ? { reinstall } : {}),
  ...(allowRemovals ? { allowRemovals } : {}),
})

/** What is asked for: names and values as a client gives them, before anything is looked up. */
export type OperationRequest = ExtensionRequest | ExtensionsRequest | CommandRequest | OsPackageRequest

export interface ExtensionRequest extends RequestedExtension, ActionOptions {
  readonly kind: 'extension'
  readonly action: Action
}

export interface ExtensionsRequest extends ActionOptions {
  readonly kind: 'extensions'
  readonly action: Action
  readonly extensions: readonly RequestedExtension[]
}

export interface RequestedExtension {
  readonly extension: string
  /** Such as `v2`; absent = the latest that is not deprecated. Not for uninstall. */
  readonly version?: string | undefined
  readonly parameters: ParameterValues
  /** Installed values are not kept: what is not given has the version's default. */
  readonly resetParameters?: boolean | undefined
}

export interface CommandRequest extends CommandOptions {
  readonly kind: 'command'
  readonly parameters: ParameterValues
  /** Names of parameters whose values are kept encrypted and shown nowhere. */
  readonly noEcho: readonly string[]
}

export interface OsPackageRequest extends OsPackageOptions {
  readonly kind: 'osPackage'
}

/**
 * One mutation at a time per instance and this key (design §6). A command's is its own, so it waits for nobody, and its instance is
 * still known to be at work. All OS packages share one: their managers let in one at a time anyway.
 * @param part which part of several extensions
 */
export function mutationKeyOf(operation: Operation, executionId: ExecutionId, part: number): string {
  switch (operation.kind) {
    case 'extension':
      return operation.extensionId
    case 'extensions':
      return partOf(operation, part).extensionId
    case 'command':
      return `command-${executionId}`
    case 'osPackage':
      return 'os-packages'
  }
}

/** The extensions that an operation is about; none for what is of no extension. */
export function partsOf(operation: Operation): readonly OperationPart[] {
  switch (operation.kind) {
    case 'extension':
      return [operation]
    case 'extensions':
      return operation.parts
    case 'command':
    case 'osPackage':
      return []
  }
}

export function partOf({ parts }: ExtensionsOperation, index: number): OperationPart {
  const part = parts[index]
  if (!part) throw new Error(`there is no part ${index} of ${parts.length}`)
  return part
}

/**
 * A name that package managers know, perhaps with an architecture or a version (`libc6:arm64`, `nginx=1.24-1`, `nginx-1.24-1.el9`): it
 * never begins like an option nor ends like one of apt's (`name-` removes), and holds nothing that a shell or a path is made of.
 */
export const isOsPackageName = (name: string) =>
  /^[A-Za-z0-9][A-Za-z0-9+._:=~-]{0,199}$/.test(name) && !name.endsWith('-')
