import type { ServerEvent } from '../../../../src/client/event-parser.ts'
import type { Problem } from '../../../../src/protocol/api/problem.ts'
import type { Topic } from '../../../../src/protocol/api/streams.ts'

/** From a tab to the hub. A tab numbers what it follows. */
export type TabMessage =
  | { readonly kind: 'follow'; readonly number: number; readonly topic: Topic }
  | { readonly kind: 'leave'; readonly number: number }
  /** Events of this many characters were handled. */
  | { readonly kind: 'handled'; readonly length: number }
  /** The tab is there; said every so often, because nothing says that a tab has crashed. */
  | { readonly kind: 'here' }
  | { readonly kind: 'gone' }

/** From the hub to a tab. */
export type HubMessage =
  | { readonly kind: 'event'; readonly number: number; readonly event: ServerEvent }
  | { readonly kind: 'refused'; readonly number: number; readonly problem: Problem }
  /** Whether answers of the server arrive, to all that the tab follows. */
  | { readonly kind: 'status'; readonly isLive: boolean }
  /** The tab was silent or slow, and is followed for no longer: it has to say again what it follows, and from where. */
  | { readonly kind: 'forgotten' }
