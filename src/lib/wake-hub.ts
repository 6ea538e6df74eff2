/**
 * Wake-ups by key within one process: a watcher learns that something changed, not what; several
 * changes while it is busy become one wake-up. Without watchers, a wake-up costs one map look-up.
 */
export interface WakeHub {
  wake(keys: Iterable<string>): void
  watch(key: string): Watch
  /** Watches all keys and remembers up to `maxKeys` of them until the caller takes them. */
  watchAll(maxKeys: number): WatchAll
}

export interface Watch {
  /**
   * Resolves at the next wake-up, immediately if there was one since the last call, or when
   * `signal` aborts. Removes its listener from `signal`, which lives as long as a stream or the
   * process: a watcher may wait millions of times.
   */
  wait(signal: AbortSignal): Promise<void>
  /** Wakes only this watcher, for example from a timer of its own. */
  wake(): void
  close(): void
}

export interface WatchAll extends Watch {
  /** Keys woken since the last call; a subset if there were more than `maxKeys`. */
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
