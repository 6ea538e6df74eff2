/** Whether the server can be heard. Streams and queries say what they meet; the shell shows it. */
export interface Connection {
  /** `source` names whoever cannot hear the server. */
  lost(source: object): void
  /** It can again, or it does not listen any more. */
  back(source: object): void
  isLost(): boolean
  subscribe(listener: () => void): () => void
}

export function createConnection(): Connection {
  const deaf = new Set<object>()
  const listeners = new Set<() => void>()
  const change = (alter: () => void) => {
    const before = deaf.size > 0
    alter()
    if (before !== deaf.size > 0) for (const listen of listeners) listen()
  }
  return {
    lost: (source) => change(() => deaf.add(source)),
    back: (source) => change(() => deaf.delete(source)),
    isLost: () => deaf.size > 0,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
