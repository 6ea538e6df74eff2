/**
 * Assigns rendered elements to visible rows. Remaining rows keep their element, new rows reuse
 * freed ones: scrolling changes texts instead of creating elements.
 */
export function assignSlots(before: ReadonlyMap<number, number>, places: readonly number[]): Map<number, number> {
  const slots = new Map<number, number>()
  const taken = new Set<number>()
  for (const place of places) {
    const slot = before.get(place)
    if (slot === undefined) continue
    slots.set(place, slot)
    taken.add(slot)
  }
  let next = 0
  for (const place of places) {
    if (slots.has(place)) continue
    while (taken.has(next)) next += 1
    slots.set(place, next)
    taken.add(next)
  }
  return slots
}
