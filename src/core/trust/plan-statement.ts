/**
 * What approvers sign of an execution: everything that its tasks do, and on which instances. Its
 * canonical bytes are this object as JSON with sorted keys (lib/canonical-json.ts). The server
 * stores them when the execution is started and delivers them verbatim; an instance compares them
 * with the work that it is about to do.
 */
import type { OsPackageAction, OsPackageInstaller } from '../execution/operation.ts'
import type { Action, ParameterValues } from '../extension/extension.ts'
import type { OsFamily } from '../instance/facts.ts'

export const planFormat = 'chandler-plan-1'

export interface PlanStatement {
  readonly format: typeof planFormat
  /** Its id: signatures are for this execution and no other. */
  readonly execution: string
  /** ISO 8601; later, instances refuse it. */
  readonly expires: string
  readonly work: readonly WorkOnInstances[]
}

export interface WorkOnInstances {
  readonly does: StatedWork
  /** The instances by id: how many, and the root of their hash tree (hash-tree.ts). */
  readonly instances: { readonly count: number; readonly sha256: string }
}

/** The kinds of work that the approver rule of a trust file can name. */
export const approvedKinds = ['command', 'osPackages', 'extension', 'agentUpgrade'] as const
export type ApprovedKind = (typeof approvedKinds)[number]

/** What one task does, or one part of it. */
export type StatedWork = StatedCommand | StatedOsPackages | StatedChange | StatedAgentUpgrade

interface StatedValues {
  readonly parameters: ParameterValues
  /** Of secret parameters, salted digests (see `SecretDigest`). */
  readonly secrets: Readonly<Record<string, string>>
}

interface RebootTerms {
  /** Absent: no reboot. */
  readonly rebootTimeoutMs?: number | undefined
}

export interface StatedCommand extends StatedValues, RebootTerms {
  readonly kind: 'command'
  readonly os: OsFamily
  readonly scriptSha256: string
  readonly placeholders: boolean
  readonly timeoutMs: number
  readonly runAs?: string | undefined
  readonly workDir?: string | undefined
}

export interface StatedOsPackages {
  readonly kind: 'osPackages'
  readonly action: OsPackageAction
  readonly installer: OsPackageInstaller
  readonly names: readonly string[]
  readonly timeoutMs: number
  readonly allowRemovals: boolean
  readonly autoremove: boolean
}

/** Installs, updates or uninstalls an extension. */
export interface StatedChange extends StatedValues, RebootTerms {
  readonly kind: 'extension'
  readonly action: Action
  readonly extension: string
  /** Absent: uninstall. */
  readonly version?: number | undefined
  /** Of the canonical bytes of the version. */
  readonly versionSha256?: string | undefined
  readonly reinstall: boolean
  readonly allowRemovals: boolean
  readonly autoremove: boolean
}

export interface StatedAgentUpgrade {
  readonly kind: 'agentUpgrade'
  readonly version: string
  readonly arch: string
  readonly sha256: string
  readonly sizeBytes: number
}

/** The salted SHA-256 of a secret value, so that a reader of the plan cannot guess it. */
export type SecretDigest = (name: string, value: unknown) => string

/** Values as a plan states them. @param secret names of the secret ones */
export function stateValues(values: ParameterValues, secret: readonly string[], digestOf: SecretDigest): StatedValues {
  const names = new Set(secret)
  const entries = Object.entries(values)
  return {
    parameters: Object.fromEntries(entries.filter(([name]) => !names.has(name))),
    secrets: Object.fromEntries(
      entries.flatMap(([name, value]) => (names.has(name) ? [[name, digestOf(name, value)]] : [])),
    ),
  }
}

/** The first field in which two descriptions of work differ, such as `parameters.port`. */
export function findWorkDifference(stated: Readonly<Record<string, unknown>>, actual: StatedWork): string | undefined {
  return findDifference(stated, actual, '')
}

function findDifference(one: unknown, other: unknown, path: string): string | undefined {
  if (isRecord(one) && isRecord(other)) {
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)].toSorted())) {
      const difference = findDifference(
        valueAt(one, name),
        valueAt(other, name),
        path === '' ? name : `${path}.${name}`,
      )
      if (difference !== undefined) return difference
    }
    return undefined
  }
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length)
    return one.every((item, index) => findDifference(item, other[index], path) === undefined) ? undefined : path
  return Object.is(one, other) ? undefined : path
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const valueAt = (record: Record<string, unknown>, name: string) =>
  Object.hasOwn(record, name) ? record[name] : undefined
