import { renderSelector } from '../../../../../src/core/plan/targets.ts'
import { useQuery } from '../../../data/use-query.ts'
import type { ReadTargets } from './read-targets.ts'

/** Limit for a count request; longer lists are counted locally. */
const maxSelectorLength = 60_000

export interface TargetTotal {
  readonly count: number
  readonly isExact: boolean
  /** Undefined while unknown. */
  readonly offline?: number | undefined
}

/** Number of targets, and how many of them are offline. */
export function useTargetCount(read: ReadTargets): TargetTotal | undefined {
  const targets = 'targets' in read ? read.targets : undefined
  const selector = targets && renderSelector(targets)
  const isAsked = selector !== undefined && selector.length <= maxSelectorLength
  const countQuery = (status?: 'offline') =>
    [
      isAsked ? `instances?count&targets=${selector}&status=${status ?? ''}` : undefined,
      (client: Parameters<Parameters<typeof useQuery>[1]>[0]) =>
        client.instances.list({ targets: selector, status, count: true, maxResults: 1 }),
    ] as const
  const all = useQuery(...countQuery())
  const offline = useQuery(...countQuery('offline'))
  if (!targets) return undefined
  if (targets.kind === 'ids') return { count: targets.ids.length, isExact: true, offline: offlineOf() }
  if (targets.kind === 'names' && !isAsked) return { count: targets.names.length, isExact: true }
  const total = all.isOld ? undefined : all.data?.total
  return total && { ...total, offline: offlineOf() }

  function offlineOf() {
    return offline.isOld || !isAsked ? undefined : offline.data?.total?.count
  }
}
