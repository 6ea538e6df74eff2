/**
 * Wake-ups by key inside one process: a watcher hears that something changed, not what; what happens while it does not listen is one
 * wake-up, not many. Nobody watching costs one map look-up.
 */
export interface WakeHub {
  wake(keys: Iterable<string>): void
  watch(key: string): Watch
  /** Hears every key and remembers up to `maxKeys` of them until they are taken. */
  watchAll(maxKeys: number): WatchAll
}

export interface Watch {
  /**
   * Resolves at the next wake-up, at once if there was one since the last call, or when `signal` aborts. Leaves nothing behind
   * on `signal`, which lives as long as a stream or the process: a watcher may wait millions of times.
   */
  wait(signal: AbortSignal): Promise<void>
  /** Wakes this watcher alone, as a timer of its own does. */
  wake(): void
  close(): void
}

export interface WatchAll extends Watch {
  /** The keys that were woken since the last call; if there were more than could be remembered, some of them. */
  take(): { readonly keys: readonly string[]; readonly isComplete: boolean }
}

export function createWakeHub(): WakeHub {
  const watches = new Map<string, Set<() => void>>()
  const all = new Set<(key: string) => void>()
  return {
    wake(keys) {
      if (watches.size === 0 && all.size === 0) return
      for (const key of keys) {
        for (const call of watches.get(key) ?? []) call()
        for (const call of all) call(key)
      }
    },
    watch(key) {
      const { wake, wait } = createWaiter()
      const calls = watches.get(key) ?? new Set()
      watches.set(key, calls.add(wake))
      return {
        wait,
        wake,
        close() {
          calls.delete(wake)
          if (calls.size === 0) watches.delete(key)
        },
      }
    },
    watchAll(maxKeys) {
      const { wake, wait } = createWaiter()
      let woken = new Set<string>()
      let isComplete = true
      const call = (key: string) => {
        if (woken.size < maxKeys) woken.add(key)
        else isComplete &&= woken.has(key)
        wake()
      }
      all.add(call)
      return {
        wait,
        wake,
        take() {
          const taken = { keys: [...woken], isComplete }
          woken = new Set()
          isComplete = true
          return taken
        },
        close: () => void all.delete(call),
      }
    },
  }
}

function createWaiter() {
  let woken = false
  let resolveWait: (() => void) | undefined
  return {
    wake() {
      woken = true
      resolveWait?.()
    },
    async wait(signal: AbortSignal) {
      if (!woken && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const finish = () => {
            signal.removeEventListener('abort', finish)
            resolveWait = undefined
            resolve()
          }
          resolveWait = finish
          signal.addEventListener('abort', finish)
        })
      }
      woken = false
    },
  }
}
