/** The parts of a version that a server delivers beside its canonical bytes, or names in them. */
export const signedParts = ['extension', 'configuration', 'script', 'check'] as const

/** What differs from the statement, such as the script `install`. */
export interface StatementFault {
  readonly part: (typeof signedParts)[number]
  /** The name of the extension, the id of the configuration, the kind of the script, the number of the check. */
  readonly which: string
}

/** What a signature is for. */
export const signedSubjects = [
  'version',
  'rollback',
  'agent',
  'agentRollback',
  'command',
  'osPackages',
  'plan',
] as const
export type SignedSubject = (typeof signedSubjects)[number]

export const trustRoles = ['publisher', 'release', 'approver', 'root'] as const
export type TrustRoleName = (typeof trustRoles)[number]

/** Why an instance does not run something, by message code. Names are those of extensions. */
export interface TrustRefusalArguments {
  readonly TrustFileMissing: { readonly path: string }
  readonly TrustFileUnreadable: { readonly path: string; readonly error: string }
  readonly TrustFileExpired: { readonly trustVersion: number; readonly expired: string }
  /** `keys` of the trust file that count; `others` signed it as well, by fingerprint. */
  readonly SignaturesMissing: {
    readonly subject: SignedSubject
    /** `demo v3`; empty where the subject says everything. */
    readonly name: string
    readonly role: TrustRoleName
    readonly valid: number
    readonly threshold: number
    readonly keys: readonly string[]
    readonly others: readonly string[]
  }
  readonly StatementInvalid: { readonly name: string; readonly error: string }
  readonly SignedPartDiffers: StatementFault & { readonly name: string }
  /** `own`: the configuration for this instance; empty if there is none, or it is out of scope. */
  readonly NotForInstance: {
    readonly name: string
    readonly requested: string
    readonly own: string
    readonly platform: string
  }
  readonly OptionNotSigned: { readonly name: string; readonly option: string }
  readonly ParameterNotSigned: { readonly name: string; readonly parameter: string; readonly problem: string }
  readonly InstalledNotSigned: { readonly name: string }
  readonly PlanExpired: { readonly executionId: string; readonly expired: string }
  /** `part`: `execution`, `instance`, `work`, or the path of a field such as `parameters.port`. */
  readonly PlanDiffers: { readonly executionId: string; readonly part: string }
  /** It was carried out by an earlier invocation. */
  readonly PlanUsed: { readonly executionId: string; readonly invocationId: string }
  readonly JournalledUnchecked: Readonly<Record<string, never>>
}

export type TrustRefusal = {
  readonly [Code in keyof TrustRefusalArguments]: {
    readonly code: Code
    readonly arguments: TrustRefusalArguments[Code]
  }
}[keyof TrustRefusalArguments]

/** Why a trust file does not replace the present one. */
export type TrustUpdateFault =
  | { readonly kind: 'notNewer'; readonly version: number; readonly present: number }
  | { readonly kind: 'expired'; readonly expired: string }
  | {
      readonly kind: 'unsigned'
      /** Whose root keys are missing. */
      readonly by: 'present' | 'successor'
      readonly valid: number
      readonly threshold: number
      readonly keys: readonly string[]
    }
