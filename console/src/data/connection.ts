/**
 * Whether the server can be heard: `connecting` until it was for the first time; `disconnected` when it was not for a while. It is tried again
 * all the time.
 */
export type ConnectionState = 'connecting' | 'connected' | 'reconnecting' | 'disconnected'

/** Streams and queries say what they meet; the shell shows it. */
export interface Connection {
  /** `source` names what cannot hear the server. */
  lost(source: object): void
  /** It can again, or it does not listen any more. */
  back(source: object): void
  /** Answers arrive on the connection that is always open. */
  heard(): void
  state(): ConnectionState
  subscribe(listener: () => void): () => void
}

/** A server that restarts is back before. */
const disconnectedAfterMs = 30_000

const browserTimer = (run: () => void, delayMs: number) => {
  const timer = setTimeout(run, delayMs)
  return () => clearTimeout(timer)
}

export function createConnection(setTimer = browserTimer): Connection {
  const deaf = new Set<object>()
  const listeners = new Set<() => void>()
  let wasHeard = false
  let isLong = false
  let cancel: (() => void) | undefined
  const state = (): ConnectionState => {
    if (deaf.size > 0) return isLong ? 'disconnected' : 'reconnecting'
    return wasHeard ? 'connected' : 'connecting'
  }
  const change = (alter: () => void) => {
    const before = state()
    alter()
    if (before !== state()) for (const listen of listeners) listen()
  }
  const back = (source: object) =>
    change(() => {
      deaf.delete(source)
      if (deaf.size > 0) return
      isLong = false
      cancel?.()
      cancel = undefined
    })
  return {
    lost: (source) =>
      change(() => {
        deaf.add(source)
        cancel ??= setTimer(() => change(() => (isLong = true)), disconnectedAfterMs)
      }),
    back,
    heard: () => change(() => (wasHeard = true)),
    state,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
