import type { Action, ParameterValues } from './extension.ts'
import type { ExtensionId } from './id.ts'

/**
 * What an execution does on each of its targets: a closed union. Planning, handing out and reporting look inside; reconciling, rate
 * control, delivery and pages do not.
 */
export type Operation = ExtensionOperation

export interface ExtensionOperation extends OperationPart {
  readonly kind: 'extension'
  readonly action: Action
}

/**
 * Several extensions, one after the other on each instance: a part begins when the one before it has succeeded. One task carries all of
 * them out, each with an invocation of its own.
 */
export interface ExtensionsOperation {
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
  /** Effective values (defaults filled in); noEcho values are absent here and kept encrypted beside it. */
  readonly parameters: ParameterValues
  readonly parametersDigest: string
}

/** The types of command that Cloud Assistant knows. A shell script may begin with `#!`, and is then run by what that names. */
export const commandTypes = ['RunShellScript', 'RunPowerShellScript', 'RunBatScript'] as const
export type CommandType = (typeof commandTypes)[number]

/** Runs a script of the request's own. It leaves no installed state, and commands never wait for each other. */
export interface CommandOperation extends CommandOptions {
  readonly kind: 'command'
  /** Values for `{{ name }}` in the content; secret ones are absent here and kept encrypted beside it. */
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
}

/** What is asked for: names and values as a client gives them, before anything is looked up. */
export type OperationRequest = ExtensionRequest | ExtensionsRequest | CommandRequest | OsPackageRequest

export interface ExtensionRequest extends ExtensionWish {
  readonly kind: 'extension'
  readonly action: Action
}

export interface ExtensionsRequest {
  readonly kind: 'extensions'
  readonly action: Action
  readonly extensions: readonly ExtensionWish[]
}

export interface ExtensionWish {
  readonly extension: string
  /** Such as `v2`; absent = the latest that is not deprecated. Not for uninstall. */
  readonly version?: string | undefined
  readonly parameters: ParameterValues
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

/** One mutation at a time per instance and this key (design §6). */
export const mutationKeyOf = (operation: Operation): string => operation.extensionId

/**
 * A name that package managers know, perhaps with an architecture or a version (`libc6:arm64`, `nginx=1.24-1`, `nginx-1.24-1.el9`): it
 * never begins like an option, and holds nothing that a shell, a path or a pattern is made of.
 */
export const isOsPackageName = (name: string) => /^[A-Za-z0-9][A-Za-z0-9+._:=~-]{0,199}$/.test(name)
