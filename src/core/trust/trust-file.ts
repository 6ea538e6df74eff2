import type { ApprovedKind } from './plan-statement.ts'

/** The keys of one role, by name, and how many of them have to sign. */
export interface TrustRole {
  readonly keys: readonly string[]
  readonly threshold: number
}

/** Who may publish the extensions whose names match one of the patterns (`*` is any text). */
export interface PublisherRole extends TrustRole {
  readonly extensions: readonly string[]
}

/** Whose consent an execution needs. */
export interface ApproverRule extends TrustRole {
  /** The kinds of work that need it; absent: all. */
  readonly operations?: readonly ApprovedKind[] | undefined
}

/**
 * What an instance believes: the file is given to it at enrolment and kept there. The server can
 * deliver a successor, which the root keys of both have to sign.
 */
export interface TrustFile {
  /** A successor has a higher one. */
  readonly version: number
  /** The instant as the file has it. */
  readonly expires: string
  /** The same in milliseconds since 1970; later nothing is accepted but a successor. */
  readonly expiresAt: number
  /** Public keys (type and base64) by their names in the file. */
  readonly keys: Readonly<Record<string, string>>
  /** Signs the next trust file. */
  readonly root: TrustRole
  readonly publishers: readonly PublisherRole[]
  /** Signs agents; absent: agents cannot be upgraded by the server. */
  readonly release?: TrustRole | undefined
  /** Consent to executions; absent: no consent is needed, and what no publisher signs never runs. */
  readonly approvers?: ApproverRule | undefined
}

/** A verified signature over the bytes in question. */
export interface Signer {
  readonly namespace: string
  /** Type and base64. */
  readonly publicKey: string
  readonly fingerprint: string
}
