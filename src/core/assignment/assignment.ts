import type { RateControlInput } from '../execution/resolve-rate-control.ts'
import type { ParameterValues } from '../extension/extension.ts'

/** 1 to 64 letters, digits, dots, hyphens and underscores. */
export const assignmentNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** What the instances of a group should have of one extension. */
export interface AssignmentDefinition {
  readonly name: string
  readonly description: string
  readonly group: string
  readonly extension: string
  /** `v3`, `latest` or a channel; absent: the instances must not have the extension. */
  readonly version: string | undefined
  /** Given values, secret ones included. */
  readonly parameters: ParameterValues
  /** Of each execution; `maxErrors` is the error budget across all of them. */
  readonly rateControl: RateControlInput
  /** As `parseWindow` reads it. */
  readonly window: string | undefined
  /** Of two assignments that contradict each other, the one with the higher priority counts. */
  readonly priority: number
  /** Whether instances that have drifted are repaired. */
  readonly repair: boolean
}

/** What the last evaluation found: numbers of instances of the group. */
export interface AssignmentOutcome {
  readonly members: number
  /** Have what they should have. */
  readonly asDesired: number
  /** Need a change that the assignment can make. */
  readonly different: number
  /** Their last change failed: nothing further is tried on them until the assignment is resumed. */
  readonly failed: number
  /** Need a change, and are offline. */
  readonly offline: number
  /** Belong to an assignment with a higher priority. */
  readonly overridden: number
  /** Of `asDesired`: no longer hold what they have; absent in outcomes of earlier releases. */
  readonly drifted?: number
  /** Cannot or must not have it, by reason code of the plan, such as `NotInScope`. */
  readonly leftOut: Readonly<Record<string, number>>
}

/** Why an assignment could not be planned: an error of the catalogue. */
export interface AssignmentFailure {
  readonly code: string
  readonly message: string
}

/**
 * Whether the first of two assignments of one extension counts where both apply: the higher
 * priority, and of equal ones the older.
 */
export const outranks = (one: Ranked, other: Ranked): boolean =>
  one.priority !== other.priority
    ? one.priority > other.priority
    : one.createdAtMs !== other.createdAtMs
      ? one.createdAtMs < other.createdAtMs
      : one.id < other.id

export interface Ranked {
  readonly id: string
  readonly priority: number
  /** Since 1970. */
  readonly createdAtMs: number
}

/** Whether instances of both groups cannot have what both assignments want. */
export const contradicts = (
  one: Pick<AssignmentDefinition, 'extension' | 'version' | 'parameters'>,
  other: Pick<AssignmentDefinition, 'extension' | 'version' | 'parameters'>,
): boolean =>
  one.extension === other.extension &&
  (one.version !== other.version ||
    Object.entries(one.parameters).some(
      ([name, value]) => Object.hasOwn(other.parameters, name) && other.parameters[name] !== value,
    ))
