import type { Rows } from './rows.ts'
import type { SimEvent } from './sim-event.ts'

/**
 * An invariant. It watches events and keeps its own records; it sees no decision and trusts no
 * counter.
 */
export interface Rule {
  /** A whole sentence: the invariant. */
  readonly name: string
  /** A watcher for one run; it returns what is wrong, or nothing. */
  readonly create: () => (event: SimEvent, rows: Rows) => string | undefined
}

/** A rule about single events, without state. */
export const rule = (name: string, see: (event: SimEvent, rows: Rows) => string | undefined): Rule => ({
  name,
  create: () => see,
})
