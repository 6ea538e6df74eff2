import type {
  Action,
  ArtifactKind,
  ExtensionType,
  ParameterType,
  RunOptions,
  ScriptKind,
} from '../../../../../src/core/extension/extension.ts'
import type { OsFamily } from '../../../../../src/core/instance/facts.ts'
import { defaultScriptTimeoutMs } from '../../../../../src/core/limits.ts'
import type { CheckDraft } from './check-fields.ts'
import { findScriptTemplates } from './configuration/script-templates.ts'

/** The draft as typed, valid or not. JSON, to survive reloads. List items have a stable key. */
export interface WizardDraft {
  /** The base version; undefined for a new extension. */
  readonly base?: string | undefined
  readonly name: string
  readonly type: ExtensionType
  readonly description: string
  readonly versionDescription: string
  /** Comma-separated patterns. */
  readonly instanceFamilies: string
  readonly imageTypes: readonly string[]
  readonly platforms: readonly PlatformDraft[]
  readonly parameters: readonly ParameterDraft[]
  readonly configurations: readonly WizardConfiguration[]
}

export interface PlatformDraft {
  readonly id: string
  /** Empty: every version. */
  readonly versions: string
}

export interface ParameterDraft {
  readonly key: number
  readonly name: string
  readonly type: ParameterType
  readonly description: string
  /** The operator must set a value; otherwise there is a default. */
  readonly isRequired: boolean
  readonly defaultText: string
  /** One per line. */
  readonly allowedValues: string
  readonly pattern: string
  readonly min: string
  readonly max: string
  readonly minLength: string
  readonly maxLength: string
  readonly noEcho: boolean
  /** Empty: install and update. */
  readonly actions: readonly Action[]
}

export interface WizardConfiguration {
  readonly key: number
  readonly os: OsFamily
  readonly arch: string
  readonly platforms: readonly PlatformDraft[]
  readonly artifact?: ArtifactDraft | undefined
  /** A package that is not uploaded yet. */
  readonly pending?: PendingUpload | undefined
  readonly scripts: Readonly<Record<ScriptKind, string>>
  readonly verify: readonly CheckDraft[]
  readonly run: RunDraft
}

export interface ArtifactDraft {
  readonly sha256: string
  readonly sizeBytes: number
  readonly fileName: string
  readonly kind: ArtifactKind
  readonly facts?: WizardPackageFacts | undefined
  /** Platform of the package, in terms of configurations. */
  readonly arch?: string | undefined
  /** Why the package could not be read. */
  readonly problem?: string | undefined
}

/** Metadata of a deb, rpm or msi package. */
export interface WizardPackageFacts {
  readonly name: string
  readonly version: string
  readonly architecture: string
  readonly summary: string
  readonly dependencies: readonly string[]
}

/** Identifies the same file when it is chosen again. */
export interface PendingUpload {
  readonly uploadId?: string | undefined
  readonly fileName: string
  readonly sizeBytes: number
  readonly lastModified: number
}

export interface RunDraft extends Pick<RunOptions, 'unpack' | 'keepWorkspace' | 'allowRemovals' | 'signature'> {
  readonly runAs: string
  readonly workDir: string
  readonly timeoutMinutes: string
}

export const makeConfiguration = (key: number, os: OsFamily = 'linux'): WizardConfiguration => ({
  key,
  os,
  arch: 'any',
  platforms: [],
  scripts: { update: '', output: '', ...findScriptTemplates(os) },
  verify: [],
  run: {
    runAs: '',
    workDir: '',
    timeoutMinutes: String(defaultScriptTimeoutMs / 60_000),
    unpack: false,
    keepWorkspace: 'never',
  },
})

export const makeParameter = (key: number): ParameterDraft => ({
  key,
  name: '',
  type: 'String',
  description: '',
  isRequired: true,
  defaultText: '',
  allowedValues: '',
  pattern: '',
  min: '',
  max: '',
  minLength: '',
  maxLength: '',
  noEcho: false,
  actions: [],
})

export const makeDraft = (): WizardDraft => ({
  name: '',
  type: 'Application',
  description: '',
  versionDescription: '',
  instanceFamilies: '',
  imageTypes: [],
  platforms: [],
  parameters: [],
  configurations: [makeConfiguration(1)],
})

/** An unused item key. */
export const nextKey = (members: readonly { readonly key: number }[]): number =>
  Math.max(0, ...members.map(({ key }) => key)) + 1

/** The list with one item changed. */
export const changeMember = <Member extends { readonly key: number }>(
  members: readonly Member[],
  key: number,
  change: Partial<Member>,
): Member[] => members.map((member) => (member.key === key ? { ...member, ...change } : member))
