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

/** The state of an instance's profile. */
export interface BootState {
  readonly joinToken: string
  /** Absent: not started yet. */
  readonly executionId?: string | undefined
  readonly failure?: BootFailure | undefined
  /** Every extension of the profile is installed. */
  readonly isReady: boolean
}

/** An extension may be created, or a permission granted, after a failed attempt. */
export const bootRetryMs = 5 * 60_000
