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
  asking: AbortController | undefined
  /** Invalidated during the fetch: the response may already be stale. */
  isOutdated: boolean
  failures: number
  cancelRetry: () => void
}

const unasked: QueryState = { data: undefined, error: undefined, isLoading: true }
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

/** Bug in the console: shown like an error of the server, and logged in the browser. */
function unexpected(reason: unknown): ClientError {
  console.error(reason)
  return new ClientError({ code: 'Internal', status: 500, detail: String(reason), next: '' })
}
