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

/**
 * What a person has written so far: texts as they were typed, right or wrong. JSON, as it is kept over a reload. Members of lists have a key that
 * stays while others come and go.
 */
export interface WizardDraft {
  /** The version that it began from; absent for a new extension. */
  readonly base?: string | undefined
  readonly name: string
  readonly type: ExtensionType
  readonly description: string
  readonly versionDescription: string
  /** Patterns, with commas between them. */
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
  /** Whoever installs it has to give a value; otherwise there is a default. */
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
  /** A package that is not on the server yet. */
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
  /** What the package is for, in the words of configurations. */
  readonly arch?: string | undefined
  /** Why the package could not be read. */
  readonly problem?: string | undefined
}

/** What a deb, rpm or msi package says of itself. */
export interface WizardPackageFacts {
  readonly name: string
  readonly version: string
  readonly architecture: string
  readonly summary: string
  readonly dependencies: readonly string[]
}

/** By which the same file is recognised when it is chosen again. */
export interface PendingUpload {
  readonly uploadId?: string | undefined
  readonly fileName: string
  readonly sizeBytes: number
  readonly lastModified: number
}

export interface RunDraft extends Pick<RunOptions, 'unpack' | 'keepWorkspace' | 'allowRemovals'> {
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

/** A key that no member has. */
export const nextKey = (members: readonly { readonly key: number }[]): number =>
  Math.max(0, ...members.map(({ key }) => key)) + 1

/** The list with one member changed. */
export const changeMember = <Member extends { readonly key: number }>(
  members: readonly Member[],
  key: number,
  change: Partial<Member>,
): Member[] => members.map((member) => (member.key === key ? { ...member, ...change } : member))
