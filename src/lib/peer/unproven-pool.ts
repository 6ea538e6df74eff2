import type { Clock } from '../clock.ts'

export interface UnprovenPoolOptions<Item> {
  readonly maxItems: number
  readonly maxPerGroup: number
  /** Minimum age before eviction: an honest peer has authenticated by then. */
  readonly graceMs: number
  /**
   * Whether the item may be evicted; an item whose proof is being verified may not. Absent: always.
   */
  readonly isEvictable?: (item: Item) => boolean
  /** Closes the item; it may call `release`. */
  readonly evict: (item: Item) => void
  readonly clock: Pick<Clock, 'monotonicMs'>
}

export interface UnprovenPool<Item> {
  /**
   * Admits the item, and evicts an old one if the pool is full. False: the pool is full of recent
   * items.
   */
  admit(item: Item, group: string): boolean
  /** The item has authenticated or is gone. */
  release(item: Item): void
  readonly size: number
}

/**
 * A pool of peers that have not authenticated yet. When the pool or one group is full, the oldest
 * peer is evicted, so that silent peers cannot block others by staying. Recent peers are kept: of a
 * burst of honest peers, as many as fit are served, and the others retry.
 */
export function createUnprovenPool<Item>(options: UnprovenPoolOptions<Item>): UnprovenPool<Item> {
  const { maxItems, maxPerGroup, graceMs, isEvictable = () => true, evict, clock } = options
  /** Both oldest first. */
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
