/**
 * Whether the server can be heard: `connecting` until it was for the first time; `disconnected` when it was not for a while. It is tried again
 * all the time.
 */
export type ServerConnectionState = 'connecting' | 'connected' | 'reconnecting' | 'disconnected'

/** Streams and queries say what they meet; the shell shows it. */
export interface ServerConnection {
  /** `source` names what cannot hear the server. */
  lost(source: object): void
  /** It can again, or it does not listen any more. */
  back(source: object): void
  /** Answers arrive on the connection that is always open. */
  noteAnswer(): void
  state(): ServerConnectionState
  subscribe(listener: () => void): () => void
}

/** A server that restarts is back before. */
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
