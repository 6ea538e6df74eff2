import { ClientError, UnreachableError } from '../../../src/client/client-error.ts'
import type { ServerConnection } from './connection.ts'

/** What is known of one question to the server. `data` stays while it is asked again: what was true a moment ago beats nothing. */
export interface QueryState {
  readonly data: unknown
  readonly error: ClientError | undefined
  readonly isLoading: boolean
}

export type Load = (signal: AbortSignal) => Promise<unknown>

export interface QueryStore {
  /** Asks unless it is being asked, and tells the listener of every change. Ends asking when the last listener is gone. */
  subscribe(key: string, load: Load, listener: () => void): () => void
  state(key: string): QueryState
  /** Asks again whatever is looked at and begins so; what nobody looks at is asked when somebody does. */
  refresh(prefix?: string): void
  /** Forgets everything: another user has signed in. */
  clear(): void
}

export interface QueryStoreParts {
  readonly connection: Pick<ServerConnection, 'lost' | 'back'>
  /** The server does not know who asks any more. */
  readonly onSignedOut: () => void
  readonly setTimer?: (run: () => void, delayMs: number) => () => void
}

interface Entry {
  state: QueryState
  load: Load
  readonly listeners: Set<() => void>
  asking: AbortController | undefined
  /** It was asked for again while it was being asked: what comes may be old already. */
  isOutdated: boolean
  failures: number
  cancelRetry: () => void
}

const unasked: QueryState = { data: undefined, error: undefined, isLoading: true }
/** Answers that nobody looks at are kept for coming back; a page has some ten. */
const maxIdleEntries = 50
const firstRetryMs = 500
const maxRetryMs = 10_000

const browserTimer = (run: () => void, delayMs: number) => {
  const timer = setTimeout(run, delayMs)
  return () => clearTimeout(timer)
}

/** Stale while revalidate: an answer is shown at once when it is known, and asked for again. */
export function createQueryStore({ connection, onSignedOut, setTimer = browserTimer }: QueryStoreParts): QueryStore {
  const entries = new Map<string, Entry>()

  const tell = (entry: Entry, change: Partial<QueryState>) => {
    entry.state = { ...entry.state, ...change }
    for (const listen of entry.listeners) listen()
  }

  function ask(entry: Entry): void {
    entry.cancelRetry()
    if (entry.asking) {
      entry.isOutdated = true
      return
    }
    const asking = new AbortController()
    entry.asking = asking
    entry.isOutdated = false
    if (!entry.state.isLoading) tell(entry, { isLoading: true })
    entry.load(asking.signal).then(
      (data) => asking.signal.aborted || answered(entry, data),
      (error: unknown) => asking.signal.aborted || failed(entry, error),
    )
  }

  function answered(entry: Entry, data: unknown): void {
    entry.asking = undefined
    entry.failures = 0
    connection.back(entry)
    tell(entry, { data, error: undefined, isLoading: entry.isOutdated })
    if (entry.isOutdated) ask(entry)
  }

  function failed(entry: Entry, reason: unknown): void {
    entry.asking = undefined
    const error = reason instanceof ClientError ? reason : unexpected(reason)
    if (error instanceof UnreachableError) {
      connection.lost(entry)
      entry.cancelRetry = setTimer(() => ask(entry), Math.min(maxRetryMs, firstRetryMs * 2 ** entry.failures++))
    } else {
      connection.back(entry)
    }
    if (error.status === 401) onSignedOut()
    tell(entry, { error, isLoading: false })
  }

  function leave(entry: Entry): void {
    entry.asking?.abort()
    entry.asking = undefined
    entry.cancelRetry()
    connection.back(entry)
    const idle = [...entries].filter(([, { listeners }]) => listeners.size === 0)
    for (const [key] of idle.slice(0, Math.max(0, idle.length - maxIdleEntries))) entries.delete(key)
  }

  return {
    subscribe(key, load, listener) {
      const known = entries.get(key)
      const entry = known ?? makeEntry(load)
      entries.set(key, entry)
      entry.load = load
      entry.listeners.add(listener)
      if (!entry.asking) ask(entry)
      return () => {
        entry.listeners.delete(listener)
        if (entry.listeners.size === 0) leave(entry)
      }
    },
    state: (key) => entries.get(key)?.state ?? unasked,
    refresh(prefix = '') {
      for (const [key, entry] of entries) if (key.startsWith(prefix) && entry.listeners.size > 0) ask(entry)
    },
    clear() {
      for (const [key, entry] of entries) {
        leave(entry)
        if (entry.listeners.size === 0) entries.delete(key)
        else tell(entry, unasked)
      }
    },
  }
}

const makeEntry = (load: Load): Entry => ({
  state: unasked,
  load,
  listeners: new Set(),
  asking: undefined,
  isOutdated: false,
  failures: 0,
  cancelRetry: () => undefined,
})

/** A mistake of the console: it is shown like a refusal, and stands in the browser's log. */
function unexpected(reason: unknown): ClientError {
  console.error(reason)
  return new ClientError({ code: 'Internal', status: 500, detail: String(reason), next: '' })
}
