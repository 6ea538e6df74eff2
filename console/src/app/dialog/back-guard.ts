/** Says whether it keeps the page from changing: it has put the address back. */
export type BackGuard = () => boolean

const guards = new Set<BackGuard>()

/**
 * Lets guards see the browser's Back and Forward before anything else does. Listeners of the window are called in the order in which they came, so
 * this has to be called before anything is drawn.
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

/** Asks the guard until what it gives back is called. */
export function guardBack(guard: BackGuard): () => void {
  guards.add(guard)
  return () => void guards.delete(guard)
}
