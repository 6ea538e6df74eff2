import type { ObjectName } from '../artifact/object-name.ts'
import type { ExtensionId } from '../id.ts'
import type { OsFamily } from '../instance/facts.ts'

// Optional fields may also be undefined, as in the schemas that produce these shapes.

/** The categories of the seed document. */
export const extensionTypes = ['Driver', 'PerformanceAcceleration', 'Agent', 'Application'] as const
export type ExtensionType = (typeof extensionTypes)[number]

/** The actions on an extension. */
export const actions = ['install', 'uninstall', 'update'] as const
export type Action = (typeof actions)[number]

/** A named piece of software of an account, with numbered versions. */
export interface Extension {
  readonly id: ExtensionId
  readonly name: string
  readonly type: ExtensionType
  readonly description: string
  /** Number of the newest version; versions are numbered 1, 2, 3… and shown as `v1`, `v2`… */
  readonly latestVersion: number
}

/** Immutable once created. */
export interface ExtensionVersion {
  readonly extensionId: ExtensionId
  readonly extensionName: string
  readonly version: number
  readonly versionDescription: string
  readonly deprecated: boolean
  readonly scope: Scope
  readonly parameters: ParameterDeclarations
  readonly configurations: readonly Configuration[]
}

/** Where a version is allowed. An absent list allows everything; patterns may contain `*`. */
export interface Scope {
  readonly instanceFamilies?: readonly string[] | undefined
  readonly imageTypes?: readonly string[] | undefined
  readonly platforms?: readonly ScopePlatform[] | undefined
}

/**
 * An OS platform by its os-release ID, optionally narrowed to a range of versions (see
 * version-range.ts).
 */
export interface ScopePlatform {
  readonly id: string
  readonly versions?: string | undefined
}

/** The types of parameters. */
export const parameterTypes = ['String', 'Number', 'Boolean'] as const
export type ParameterType = (typeof parameterTypes)[number]

/** A value of a parameter, of the declared type. */
export type ParameterValue = string | number | boolean

/** Values by parameter name. */
export type ParameterValues = Readonly<Record<string, ParameterValue>>

/** Declarations by parameter name. */
export type ParameterDeclarations = Readonly<Record<string, ParameterDeclaration>>

/** The declaration of one parameter: type, default and limits. */
export interface ParameterDeclaration {
  readonly type: ParameterType
  readonly description?: string | undefined
  /** Absent: the parameter is required. */
  readonly default?: ParameterValue | undefined
  readonly allowedValues?: readonly ParameterValue[] | undefined
  /**
   * A regular expression (see pattern.ts for the syntax) that the whole value must match. String
   * only.
   */
  readonly pattern?: string | undefined
  /** Number only. */
  readonly min?: number | undefined
  readonly max?: number | undefined
  /** In UTF-16 units. String only. */
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  /** Encrypted at rest, masked wherever it could be shown. */
  readonly noEcho?: boolean | undefined
  /** The actions that take it; absent: install and update. */
  readonly actions?: readonly Action[] | undefined
}

/** The kinds of package files. */
export const artifactKinds = ['deb', 'rpm', 'msi', 'tar', 'zip', 'file'] as const
export type ArtifactKind = (typeof artifactKinds)[number]

/** The package file of a configuration. */
export interface Artifact {
  /** Lower-case hex; also the content address in the object store. */
  readonly sha256: string
  readonly sizeBytes: number
  readonly fileName: string
  readonly kind: ArtifactKind
  /**
   * The bucket object that it was when the version was created; absent: it was uploaded without one
   * (see artifact-object.ts).
   */
  readonly object?: ObjectName | undefined
}

/** One configuration of a version, for one OS and architecture. */
export interface Configuration {
  /** Unique in its version and stable: its position in the list, counted from 1, such as `c1`. */
  readonly id: string
  readonly os: OsFamily
  /** `x86_64`, `arm64`, or `any`. */
  readonly arch: string
  /** Restricts the configuration to platforms; absent: every platform of the OS. */
  readonly platforms?: readonly ScopePlatform[] | undefined
  readonly artifact?: Artifact | undefined
  readonly scripts: { readonly [Kind in ScriptKind]?: string | undefined }
  readonly verify: readonly VerifyCheck[]
  readonly run: RunOptions
}

/** The scripts of a configuration. */
export const scriptKinds = ['install', 'uninstall', 'update', 'output'] as const
export type ScriptKind = (typeof scriptKinds)[number]

/**
 * Which signatures a package of the OS must have before it is installed. A signature that does not
 * fit the package is refused in every case.
 *
 * - `required`: one of a key that the package manager of the instance trusts
 * - `ifSigned`: the same, but a package may have none
 * - `off`: the key may be unknown, and a package may have none
 */
export const signaturePolicies = ['required', 'ifSigned', 'off'] as const
export type SignaturePolicy = (typeof signaturePolicies)[number]

/** How scripts are run (design §5). */
export interface RunOptions {
  /** OS user; absent: the agent's own (root). */
  readonly runAs?: string | undefined
  /** Absolute; absent: the workspace. */
  readonly workDir?: string | undefined
  readonly timeoutMs: number
  /** Whether to unpack a tar or zip artifact in the workspace before the script runs. */
  readonly unpack: boolean
  readonly keepWorkspace: 'never' | 'onFailure'
  /**
   * Whether an OS package may remove other packages: those that conflict with it, or at its removal
   * those that depend on it.
   */
  readonly allowRemovals?: boolean | undefined
  /** For rpm packages without an install script; absent: `ifSigned`. */
  readonly signature?: SignaturePolicy | undefined
}

interface CheckTime {
  /** Time limit for the check to become true, in ms. */
  readonly withinMs: number
}

/** A check that must hold after an install; otherwise the install failed. */
export type VerifyCheck = CheckTime &
  (
    | { readonly kind: 'process'; readonly name?: string | undefined; readonly pidFile?: string | undefined }
    | { readonly kind: 'port'; readonly port: number; readonly host?: string | undefined }
    | { readonly kind: 'file'; readonly path: string; readonly sha256?: string | undefined }
    | { readonly kind: 'http'; readonly url: string; readonly status?: number | undefined }
    | { readonly kind: 'package'; readonly name: string; readonly version?: string | undefined }
    | { readonly kind: 'script'; readonly script: string }
  )

/** `v3` for 3. */
export const showVersion = (version: number) => `v${version}`

/** Parses a version written as `v3` or `3` (any case); undefined if it is neither. */
export function parseVersion(text: string): number | undefined {
  const match = /^v?([1-9][0-9]{0,8})$/i.exec(text)
  return match ? Number(match[1]) : undefined
}
