/**
 * The life of an agent's connection. Exactly one link exists in the states between `connecting` and `online`, none in the others.
 *
 *   idle ─start─► connecting ─opened─► greeting ─challenge─► proving ─welcome─► online ─stop─► draining
 *                  ▲      │               │                     │                 │                │
 *                timer    └───────────────┴── link closed ──────┴─────────────────┘      all reports acknowledged,
 *                  │                              │                                  link closed, or out of patience
 *               waiting ◄─────────────────────────┘                                               │
 *                                                                                                 ▼
 *   stop() outside online, and refused {retry: false}, lead straight to ─────────────────────► ended
 *
 * online    takes work (nudge, welcome and every tenth heartbeat lead to a fetch) and sends reports
 * draining  sends reports, takes no work
 * waiting   full-jitter exponential backoff; a welcome starts it over, but for refusals that follow each other: an agent that is
 *           welcomed and then refused, again and again, does not come back at once
 *
 * A message that has no meaning in a state is a broken peer: the link is cut and tried again later. A nudge always has one ("look",
 * which is what follows a welcome anyway), and what answers a fetch after stop() is dropped: not journalled, it is handed out again.
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
