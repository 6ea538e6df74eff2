/**
 * Wake-ups by key inside one process: a watcher hears that something changed, not what; what happens while it does not listen is one
 * wake-up, not many. Nobody watching costs one map look-up.
 */
export interface WakeHub {
  wake(keys: Iterable<string>): void
  watch(key: string): Watch
}

export interface Watch {
  /** Resolves at the next wake-up, at once if there was one since the last call, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>
  close(): void
}

export function createWakeHub(): WakeHub {
  const watches = new Map<string, Set<() => void>>()
  return {
    wake(keys) {
      if (watches.size === 0) return
      for (const key of keys) for (const call of watches.get(key) ?? []) call()
    },
    watch(key) {
      let woken = false
      let resolveWait: (() => void) | undefined
      const call = () => {
        woken = true
        resolveWait?.()
      }
      const calls = watches.get(key) ?? new Set()
      watches.set(key, calls.add(call))
      return {
        async wait(signal) {
          if (!woken && !signal.aborted) {
            await new Promise<void>((resolve) => {
              resolveWait = resolve
              signal.addEventListener('abort', () => resolve(), { once: true })
            })
            resolveWait = undefined
          }
          woken = false
        },
        close() {
          calls.delete(call)
          if (calls.size === 0) watches.delete(key)
        },
      }
    },
  }
}
