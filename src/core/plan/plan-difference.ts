import { maxNamedDifferences } from '../limits.ts'
import type { Reason } from '../reason/reason.ts'
import type { PlannedPart, PlannedTarget } from './plan.ts'

/** A target as a plan shows it; a stored plan of an earlier release has texts as reasons. */
export interface ShownTarget extends Omit<PlannedTarget, 'reason' | 'parts'> {
  readonly reason: Reason
  readonly parts?: readonly ShownPart[]
  readonly name: string
  readonly isOffline?: boolean
  readonly batch?: number
}

export interface ShownPart extends Omit<PlannedPart, 'reason'> {
  readonly reason: Reason
}

/** Added, removed and changed targets of a plan. */
export interface PlanDifference {
  readonly added: CountedTargets<NamedTarget>
  readonly removed: CountedTargets<NamedTarget>
  readonly changed: CountedTargets<NamedTarget & { readonly before: Reason }>
}

interface CountedTargets<Target> {
  readonly count: number
  /** The first of them. */
  readonly targets: readonly Target[]
}

interface NamedTarget {
  readonly instanceId: string
  readonly instanceName: string
  readonly step: string
  readonly reason: Reason
}

/**
 * Everything that distinguishes decisions about a target, as text; excludes names, reasons
 * (so that no wording is part of it) and the batch. Values are included as their digest.
 */
export const renderDecision = (target: Omit<ShownTarget, 'name' | 'reason'> | Omit<ShownPart, 'reason'>): string =>
  JSON.stringify([
    target.step,
    target.reasonCode,
    target.fromVersion ?? 0,
    target.toVersion ?? 0,
    target.configurationId ?? '',
    target.parametersDigest ?? '',
    ...('parts' in target ? (target.parts ?? []).map(renderDecision) : []),
  ])

/** The differences between two plans, counted, and the first of each kind by name. */
export function comparePlans(before: readonly ShownTarget[], after: readonly ShownTarget[]): PlanDifference {
  const old = new Map(before.map((target) => [target.instanceId, target]))
  const now = new Set(after.map(({ instanceId }) => instanceId))
  const added = after.filter(({ instanceId }) => !old.has(instanceId))
  const removed = before.filter(({ instanceId }) => !now.has(instanceId))
  const changed = after.flatMap((target) => {
    const was = old.get(target.instanceId)
    return was && renderDecision(was) !== renderDecision(target) ? [{ was, target }] : []
  })
  return {
    added: countTargets(added.map(nameTarget)),
    removed: countTargets(removed.map(nameTarget)),
    changed: countTargets(changed.map(({ was, target }) => ({ ...nameTarget(target), before: was.reason }))),
  }
}

/** Such as `2 targets added, 1 changed`. */
export function describeDifference({ added, removed, changed }: PlanDifference): string {
  const counts = [
    ['added', added.count],
    ['removed', removed.count],
    ['changed', changed.count],
  ] as const
  const text = counts.flatMap(([word, count]) => (count === 0 ? [] : [`${count} ${word}`])).join(', ')
  return text === '' ? 'the same targets, another operation' : `targets: ${text}`
}

const countTargets = <Target>(targets: readonly Target[]): CountedTargets<Target> => ({
  count: targets.length,
  targets: targets.slice(0, maxNamedDifferences),
})

const nameTarget = ({ instanceId, name, step, reason }: ShownTarget): NamedTarget => ({
  instanceId,
  instanceName: name,
  step,
  reason,
})
