import { ClientError, UnreachableError } from '../../../src/client/client-error.ts'
import type { ServerConnection } from './connection.ts'

/** State of one query. `data` stays during a refetch: stale data is more useful than none. */
export interface QueryState {
  readonly data: unknown
  readonly error: ClientError | undefined
  readonly isLoading: boolean
}

export type Load = (signal: AbortSignal) => Promise<unknown>

export interface QueryStore {
  /**
   * Fetches unless already fetching, and notifies the listener of every change. Aborts when the
   * last listener unsubscribes.
   */
  subscribe(key: string, load: Load, listener: () => void): () => void
  state(key: string): QueryState
  /** Refetches active queries whose key has this prefix; others are refetched when subscribed. */
  refresh(prefix?: string): void
  /** Clears the cache: another user has signed in. */
  clear(): void
}

export interface QueryStoreParts {
  readonly connection: Pick<ServerConnection, 'lost' | 'back'>
  /** The session is no longer valid. */
  readonly onSignedOut: () => void
  readonly setTimer?: (run: () => void, delayMs: number) => () => void
}

interface Entry {
  state: QueryState
  load: Load
  readonly listeners: Set<() => void>
  request: AbortController | undefined
  /** Invalidated during the fetch: the response may already be stale. */
  isOutdated: boolean
  failures: number
  cancelRetry: () => void
}

const initialState: QueryState = { data: undefined, error: undefined, isLoading: true }
/** Inactive results kept for navigation back; a page has about ten. */
const maxIdleEntries = 50
const firstRetryMs = 500
const maxRetryMs = 10_000

const browserTimer = (run: () => void, delayMs: number) => {
  const timer = setTimeout(run, delayMs)
  return () => clearTimeout(timer)
}

/** Stale-while-revalidate cache: returns a cached result immediately and refetches it. */
export function createQueryStore({ connection, onSignedOut, setTimer = browserTimer }: QueryStoreParts): QueryStore {
  const entries = new Map<string, Entry>()

  const update = (entry: Entry, change: Partial<QueryState>) => {
    entry.state = { ...entry.state, ...change }
    for (const listen of entry.listeners) listen()
  }

  function fetchEntry(entry: Entry): void {
    entry.cancelRetry()
    if (entry.request) {
      entry.isOutdated = true
      return
    }
    const request = new AbortController()
    entry.request = request
    entry.isOutdated = false
    if (!entry.state.isLoading) update(entry, { isLoading: true })
    entry.load(request.signal).then(
      (data) => request.signal.aborted || succeeded(entry, data),
      (error: unknown) => request.signal.aborted || failed(entry, error),
    )
  }

  function succeeded(entry: Entry, data: unknown): void {
    entry.request = undefined
    entry.failures = 0
    connection.back(entry)
    update(entry, { data, error: undefined, isLoading: entry.isOutdated })
    if (entry.isOutdated) fetchEntry(entry)
  }

  function failed(entry: Entry, reason: unknown): void {
    entry.request = undefined
    const error = reason instanceof ClientError ? reason : unexpected(reason)
    if (error instanceof UnreachableError) {
      connection.lost(entry)
      entry.cancelRetry = setTimer(() => fetchEntry(entry), Math.min(maxRetryMs, firstRetryMs * 2 ** entry.failures++))
    } else {
      connection.back(entry)
    }
    if (error.status === 401) onSignedOut()
    update(entry, { error, isLoading: false })
  }

  function release(entry: Entry): void {
    entry.request?.abort()
    entry.request = undefined
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
      if (!entry.request) fetchEntry(entry)
      return () => {
        entry.listeners.delete(listener)
        if (entry.listeners.size === 0) release(entry)
      }
    },
    state: (key) => entries.get(key)?.state ?? initialState,
    refresh(prefix = '') {
      for (const [key, entry] of entries) if (key.startsWith(prefix) && entry.listeners.size > 0) fetchEntry(entry)
    },
    clear() {
      for (const [key, entry] of entries) {
        release(entry)
        if (entry.listeners.size === 0) entries.delete(key)
        else update(entry, initialState)
      }
    },
  }
}

const makeEntry = (load: Load): Entry => ({
  state: initialState,
  load,
  listeners: new Set(),
  request: undefined,
  isOutdated: false,
  failures: 0,
  cancelRetry: () => undefined,
})

/** Bug in the console: shown like an error of the server, and logged in the browser. */
function unexpected(reason: unknown): ClientError {
  console.error(reason)
  return new ClientError({ code: 'Internal', status: 500, detail: String(reason), next: '' })
}
