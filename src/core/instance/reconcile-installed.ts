import type { InstalledState } from './instance.ts'

/** What is compared of an installed extension. */
export type ComparedState = Pick<InstalledState, 'status' | 'version' | 'configurationId' | 'parametersDigest'> & {
  readonly extensionId: string
  /** Absent: installed before it was recorded. */
  readonly contentDigest?: string | undefined
}

/** What the server knows; `isTold`: a user said so, the instance has no record of it and needs none. */
export type KnownState = ComparedState & { readonly isDeclared: boolean }

export interface InstalledDifference {
  readonly extensionId: string
  /** Absent: nothing was known of it. */
  readonly expected: KnownState | undefined
  /** Absent: the instance has no record of it. */
  readonly found: ComparedState | undefined
  /** False: the record only says more of what was known. */
  readonly isDrift: boolean
}

/**
 * Where the records of an instance differ from what the server knows of it. The instance is right: it was restored from a snapshot, the
 * server from a backup, or an execution was deleted before its end was heard.
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

export const driftKinds = ['installed', 'status', 'version', 'configuration', 'parameters', 'content'] as const
export type DriftKind = (typeof driftKinds)[number]

type RecordedState = Omit<ComparedState, 'extensionId'>

/** In what a recorded difference consists. `installed`: it is there on one side only. */
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
