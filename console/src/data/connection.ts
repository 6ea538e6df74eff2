/**
 * Connection to the server: `connecting` until first established; `disconnected` after an outage of
 * some seconds. The console retries continuously.
 */
export type ServerConnectionState = 'connecting' | 'connected' | 'reconnecting' | 'disconnected'

/** Streams and queries report here whether they reach the server; the shell displays the result. */
export interface ServerConnection {
  /** `source` cannot reach the server. */
  lost(source: object): void
  /** `source` reaches the server again, or no longer needs it. */
  back(source: object): void
  /** A permanently open connection receives data. */
  noteAnswer(): void
  state(): ServerConnectionState
  subscribe(listener: () => void): () => void
}

/** Longer than a server restart. */
const disconnectedAfterMs = 30_000

const browserTimer = (run: () => void, delayMs: number) => {
  const timer = setTimeout(run, delayMs)
  return () => clearTimeout(timer)
}

export function createConnection(setTimer = browserTimer): ServerConnection {
  const unreachable = new Set<object>()
  const listeners = new Set<() => void>()
  let hasAnswered = false
  let isLong = false
  let cancel: (() => void) | undefined
  const state = (): ServerConnectionState => {
    if (unreachable.size > 0) return isLong ? 'disconnected' : 'reconnecting'
    return hasAnswered ? 'connected' : 'connecting'
  }
  const change = (alter: () => void) => {
    const before = state()
    alter()
    if (before !== state()) for (const listen of listeners) listen()
  }
  const back = (source: object) =>
    change(() => {
      unreachable.delete(source)
      if (unreachable.size > 0) return
      isLong = false
      cancel?.()
      cancel = undefined
    })
  return {
    lost: (source) =>
      change(() => {
        unreachable.add(source)
        cancel ??= setTimer(() => change(() => (isLong = true)), disconnectedAfterMs)
      }),
    back,
    noteAnswer: () => change(() => (hasAnswered = true)),
    state,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
