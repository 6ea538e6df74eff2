import type { ParameterValues } from '../extension/extension.ts'

/**
 * What an instance must have before it is ready: the extensions of its join token, installed in this
 * order by an execution of its own.
 */
export interface BootProfile {
  readonly extensions: readonly BootExtension[]
}

export interface BootExtension {
  readonly extension: string
  /** Such as `v2`; absent: the latest that is not deprecated when the instance joins. */
  readonly version?: string | undefined
  /** Given values; secret ones are stored separately. */
  readonly parameters: ParameterValues
}

/** Why the execution of a profile could not be started: an error of the catalogue. */
export interface BootFailure {
  readonly code: string
  readonly message: string
}

/** What an instance has to have before it is ready: its token's profile, then its assignments. */
export interface BootState {
  /** Absent: its token had no profile. */
  readonly joinToken?: string | undefined
  /** Names of the assignments that do not hold yet; empty: not evaluated yet. Absent: none. */
  readonly assignments?: readonly string[] | undefined
  /** The execution of the profile; absent: not started yet. */
  readonly executionId?: string | undefined
  readonly failure?: BootFailure | undefined
  /** Every extension of the profile is installed, and the assignments hold or held once. */
  readonly isReady: boolean
}

/** An extension may be created, or a permission granted, after a failed attempt. */
export const bootRetryMs = 5 * 60_000
