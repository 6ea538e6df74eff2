/** Returns true if it blocks the navigation; it has then restored the address. */
export type BackGuard = () => boolean

const guards = new Set<BackGuard>()

/**
 * Lets guards handle the browser's Back and Forward first. Window listeners run in the order in
 * which they were added, so call this before the first render.
 */
export function watchBack(): void {
  addEventListener('popstate', (event) => {
    for (const guard of guards) {
      if (!guard()) continue
      event.stopImmediatePropagation()
      return
    }
  })
}

/** Installs the guard. Returns a function that removes it. */
export function guardBack(guard: BackGuard): () => void {
  guards.add(guard)
  return () => void guards.delete(guard)
}
