import type { Clock } from '../clock.ts'

export interface UnprovenPoolOptions<Item> {
  readonly maxItems: number
  readonly maxPerGroup: number
  /** So old an item keeps its place, whoever comes: an honest one has shown who it is by then. */
  readonly graceMs: number
  /** Whether it may be evicted; one that is being looked at just now may not. Any, if it is absent. */
  readonly isEvictable?: (item: Item) => boolean
  /** Ends it; `release` for it may follow. */
  readonly evict: (item: Item) => void
  readonly clock: Pick<Clock, 'monotonicMs'>
}

export interface UnprovenPool<Item> {
  /** Gives it a place, that of an old one if there is no other. False: there is none; many have come just now. */
  admit(item: Item, group: string): boolean
  /** It has shown who it is, or is gone. */
  release(item: Item): void
  readonly size: number
}

/**
 * Places for peers of which nothing is known yet. When there are too many, all in all or of one group, the oldest gives up its place: so silent peers cannot
 * keep others out by staying. Those that have only just come keep theirs: of a storm of honest ones as many as there are places are served, and the
 * others come again.
 */
export function createUnprovenPool<Item>(options: UnprovenPoolOptions<Item>): UnprovenPool<Item> {
  const { maxItems, maxPerGroup, graceMs, isEvictable = () => true, evict, clock } = options
  /** Oldest first, both. */
  const all = new Map<Item, { readonly group: string; readonly since: number }>()
  const groups = new Map<string, Set<Item>>()

  function release(item: Item): void {
    const place = all.get(item)
    if (!place) return
    all.delete(item)
    const members = groups.get(place.group)
    members?.delete(item)
    if (members?.size === 0) groups.delete(place.group)
  }

  function evictOldest(items: Iterable<Item>): boolean {
    for (const item of items) {
      if (clock.monotonicMs() - (all.get(item)?.since ?? 0) < graceMs) return false
      if (!isEvictable(item)) continue
      release(item)
      evict(item)
      return true
    }
    return false
  }

  return {
    admit(item, group) {
      const members = groups.get(group) ?? new Set()
      if (members.size >= maxPerGroup && !evictOldest(members)) return false
      if (all.size >= maxItems && !evictOldest(all.keys())) return false
      all.set(item, { group, since: clock.monotonicMs() })
      groups.set(group, members.add(item))
      return true
    },
    release,
    get size() {
      return all.size
    },
  }
}
