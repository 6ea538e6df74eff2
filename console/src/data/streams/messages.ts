import type { ServerEvent } from '../../../../src/client/event-parser.ts'
import type { Problem } from '../../../../src/protocol/api/problem.ts'
import type { Topic } from '../../../../src/protocol/api/streams.ts'

/** From a tab to the hub. The tab numbers its subscriptions. */
export type TabMessage =
  | { readonly kind: 'follow'; readonly number: number; readonly topic: Topic }
  | { readonly kind: 'leave'; readonly number: number }
  /** The tab has handled events of this many characters. */
  | { readonly kind: 'handled'; readonly length: number }
  /** Heartbeat: the browser does not report crashed tabs. */
  | { readonly kind: 'here' }
  | { readonly kind: 'left' }

/** From the hub to a tab. */
export type HubMessage =
  | { readonly kind: 'event'; readonly number: number; readonly event: ServerEvent }
  | { readonly kind: 'refused'; readonly number: number; readonly problem: Problem }
  /** Whether the server responds; applies to all subscriptions of the tab. */
  | { readonly kind: 'status'; readonly isLive: boolean }
  /**
   * The hub dropped the tab because it was silent or slow: the tab must send its subscriptions with
   * their positions again.
   */
  | { readonly kind: 'dropped' }
