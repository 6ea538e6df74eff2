import type { InstalledState } from './instance.ts'

/** The compared fields of an installed extension. */
export type ComparedState = Pick<InstalledState, 'status' | 'version' | 'configurationId' | 'parametersDigest'> & {
  readonly extensionId: string
  /** Absent: installed before it was recorded. */
  readonly contentDigest?: string | undefined
}

/**
 * The server's stored state; `isDeclared`: a user declared it, so the instance has no record of it
 * and needs none.
 */
export type KnownState = ComparedState & { readonly isDeclared: boolean }

/** A difference between the server's state and the instance's record of one extension. */
export interface InstalledDifference {
  readonly extensionId: string
  /** Absent: the server had no state. */
  readonly expected: KnownState | undefined
  /** Absent: the instance has no record of it. */
  readonly found: ComparedState | undefined
  /** False: the record only adds details to the known state. */
  readonly isDrift: boolean
}

/**
 * Finds differences between an instance's records and the server's state. The instance is right: it
 * was restored from a snapshot, the server from a backup, or an execution was deleted before its
 * end was reported.
 */
export function compareInstalled(known: readonly KnownState[], found: readonly ComparedState[]): InstalledDifference[] {
  const expected = new Map(known.map((state) => [state.extensionId, state]))
  const recorded = new Set(found.map(({ extensionId }) => extensionId))
  const different = found.flatMap((record): InstalledDifference[] => {
    const { extensionId } = record
    const state = expected.get(extensionId)
    if (state === undefined || nameDrift(state, record).length > 0)
      return [{ extensionId, expected: state, found: record, isDrift: true }]
    const saysMore = state.contentDigest === undefined && record.contentDigest !== undefined
    return saysMore ? [{ extensionId, expected: state, found: record, isDrift: false }] : []
  })
  const missing = known
    .filter(({ extensionId, isDeclared }) => !isDeclared && !recorded.has(extensionId))
    .map((state) => ({ extensionId: state.extensionId, expected: state, found: undefined, isDrift: true }))
  return [...different, ...missing]
}

/** The kinds of differences. */
export const driftKinds = ['installed', 'status', 'version', 'configuration', 'parameters', 'content'] as const
export type DriftKind = (typeof driftKinds)[number]

type RecordedState = Omit<ComparedState, 'extensionId'>

/** The kind of a recorded difference. `installed`: only one side has it. */
export function nameDrift(expected: RecordedState | null, found: RecordedState | null): DriftKind[] {
  if (expected === null || found === null) return ['installed']
  const isOtherContent =
    (expected.contentDigest ?? found.contentDigest) !== (found.contentDigest ?? expected.contentDigest)
  const holds: Readonly<Record<Exclude<DriftKind, 'installed'>, boolean>> = {
    status: expected.status !== found.status,
    version: expected.version !== found.version,
    configuration: expected.configurationId !== found.configurationId,
    parameters: expected.parametersDigest !== found.parametersDigest,
    content: isOtherContent,
  }
  return driftKinds.filter((kind) => kind !== 'installed' && holds[kind])
}
