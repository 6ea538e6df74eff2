/**
 * The states of an agent's connection. Exactly one link exists in the states from `connecting` to
 * `online`, none in the others.
 *
 *   idle ─start─► connecting ─opened─► greeting ─challenge─► proving ─welcome─► online ─stop─► draining
 *                  ▲      │               │                     │                 │                │
 *                timer    └───────────────┴── link closed ──────┴─────────────────┘      all reports acknowledged,
 *                  │                              │                                  link closed, or drain timeout
 *               waiting ◄─────────────────────────┘                                               │
 *                                                                                                 ▼
 *   stop() outside online, and refused {retry: false}, lead straight to ─────────────────────► ended
 *
 * - online: takes work (nudge, welcome and every tenth heartbeat cause a fetch) and sends reports
 * - draining: sends reports, takes no work
 * - waiting: exponential backoff with full jitter; a welcome resets it, except between consecutive
 *   refusals: an agent that is repeatedly welcomed and then refused must not reconnect immediately
 *
 * A message that is not valid in the current state is a protocol error: the agent closes the link
 * and reconnects later. A nudge is always valid (the welcome causes a fetch anyway). The agent
 * drops an answer to a fetch that arrives after stop(): not journalled, the server hands it out
 * again.
 */
export const connectionMoves = {
  idle: ['connecting', 'ended'],
  connecting: ['greeting', 'waiting', 'ended'],
  greeting: ['proving', 'waiting', 'ended'],
  proving: ['online', 'waiting', 'ended'],
  online: ['waiting', 'draining', 'ended'],
  draining: ['ended'],
  waiting: ['connecting', 'ended'],
  ended: [],
} as const satisfies Record<string, readonly string[]>
export type ConnectionState = keyof typeof connectionMoves
