import type { InstanceId } from '../id.ts'
import type { InstalledState } from '../instance/instance.ts'
import { makeReason } from '../reason/reason.ts'
import { isWork, type PlannedPart, type PlannedRequest, type PlannedTarget, planTargets } from './plan.ts'
import { listFirst, type PlanReason } from './plan-reason.ts'
import type { ScopeFacts } from './scope.ts'

/** One of several extensions: its name, and the request for it. */
export interface PartRequest {
  readonly extensionName: string
  readonly request: PlannedRequest
}

/** An instance with its installed state of each extension. */
export interface PartsTarget {
  readonly instance: { readonly id: InstanceId; readonly facts: ScopeFacts }
  /** The installed state of each extension, in their order. */
  readonly installed: readonly (InstalledState | undefined)[]
}

/**
 * Plans several extensions on each instance. A part that an instance already has, or (update) that
 * is not installed, has nothing to do. A part that does not fit skips the whole instance: later
 * parts may depend on it, and a partial result was not requested.
 */
export function planParts(parts: readonly PartRequest[], targets: readonly PartsTarget[]): PlannedTarget[] {
  const byPart = parts.map(({ extensionName, request }, index) =>
    planTargets(
      request,
      targets.map(({ instance, installed }) => ({ instance, installed: installed[index] })),
    ).map(({ instanceId: _, ...decision }): PlannedPart => ({ extensionName, ...decision })),
  )
  return targets.map(({ instance }, index) =>
    combineParts(
      instance.id,
      byPart.map((planned) => planned[index] as PlannedPart),
    ),
  )
}

/**
 * The plan of an instance from those of its parts. A part that does not fit skips the whole instance.
 */
export function combineParts(instanceId: InstanceId, parts: readonly PlannedPart[]): PlannedTarget {
  const unfit = parts.filter(({ step, reasonCode }) => step === 'skip' && reasonCode !== 'NotInstalled')
  if (unfit[0]) return { instanceId, step: 'skip', reasonCode: unfit[0].reasonCode, reason: describe(unfit) }
  const first = parts.find(isWork)
  const reason = describe(parts)
  if (!first) {
    const isNowhere = parts.every(({ reasonCode }) => reasonCode === 'NotInstalled')
    if (isNowhere) return { instanceId, step: 'skip', reasonCode: 'NotInstalled', reason }
    return { instanceId, step: 'none', reasonCode: 'AlreadyAsWanted', reason }
  }
  const { extensionName: _, ...decision } = first
  return { instanceId, ...decision, reason, parts }
}

/** Of up to `maxExtensionsPerExecution`. */
const maxNamedParts = 16

function describe(parts: readonly PlannedPart[]): PlanReason {
  const { first, more } = listFirst(parts, maxNamedParts)
  return [
    ...first.flatMap(({ extensionName: extension, reason }) => [
      ...makeReason('InExtension', { extension }),
      ...reason,
    ]),
    ...(more === 0 ? [] : makeReason('MoreExtensions', { count: more })),
  ]
}

/** The next part with work after the given one (-1: the first); undefined if none is left. */
export function findNextPart(parts: readonly Pick<PlannedPart, 'step'>[], after: number): number | undefined {
  const index = parts.findIndex((part, place) => place > after && isWork(part))
  return index === -1 ? undefined : index
}
