import { type InvocationState, isInvocationOpen } from '../execution/invocation.ts'
import type { InvocationId } from '../id.ts'

/** An invocation of one instance as the server knows it. */
export interface KnownInvocation {
  readonly id: InvocationId
  /** `deleted`: cancelled without an answer, and its execution was deleted since. */
  readonly state: InvocationState | 'deleted'
  readonly cancelRequested: boolean
  /**
   * Given up, and the agent has reported since that it has no record of it: no further report is
   * expected.
   */
  readonly disowned: boolean
}

/** The inventory of an agent's hello. */
export interface OpenInventory {
  readonly open: readonly { readonly id: InvocationId; readonly isEnded: boolean }[]
  /** False: an agent of an old version could not list everything. */
  readonly isComplete: boolean
}

/** The response to an agent's inventory. */
export interface OpenReconciliation {
  /** The agent stops these. */
  readonly cancelled: readonly InvocationId[]
  /**
   * The server no longer waits for these: the agent does not begin them, and finishes those that
   * have begun.
   */
  readonly over: readonly InvocationId[]
  /** The agent reports the ends of these again, or that it has no record of them. */
  readonly wanted: readonly InvocationId[]
  /** Deleted ones that the agent has settled. */
  readonly settled: readonly InvocationId[]
}

/**
 * Compares an agent's open invocations with the server's state of that instance:
 *
 *   agent has it open  server's state              response to the agent
 *   yes                open                        cancelled, if it was cancelled; else nothing
 *   yes                ended, given up or deleted  cancelled, if it was cancelled; else over
 *   yes                unknown                     over (deleted, or the server was restored from a
 *                                                  backup)
 *   yes, ended         any                         nothing: the report of its end is on its way
 *   no                 accepted or later, open     wanted: its end was acknowledged to a server
 *                                                  that lost it, or the agent lost its record
 *   no                 sent and cancelled          wanted: the agent may never have received it
 *   no                 queued, or sent             nothing: it is handed out (again)
 *   no                 lost, and not disowned      wanted: its result is unknown
 *
 * A missing invocation counts only if the agent's inventory is complete.
 */
export function reconcileOpen(known: readonly KnownInvocation[], agent: OpenInventory): OpenReconciliation {
  const answer = { cancelled: [], over: [], wanted: [], settled: [] } as {
    [key in keyof OpenReconciliation]: InvocationId[]
  }
  const byId = new Map(known.map((one) => [one.id, one]))
  const named = new Set(agent.open.map(({ id }) => id))
  for (const { id, isEnded } of agent.open) {
    const one = byId.get(id)
    if (isEnded) continue
    if (one?.cancelRequested) answer.cancelled.push(id)
    else if (one === undefined || !isAwaited(one)) answer.over.push(id)
  }
  if (!agent.isComplete) return answer
  for (const one of known) {
    if (named.has(one.id)) continue
    if (one.state === 'deleted') answer.settled.push(one.id)
    else if (isMissing(one)) answer.wanted.push(one.id)
  }
  return answer
}

const isAwaited = ({ state }: KnownInvocation) => state !== 'deleted' && isInvocationOpen(state)

function isMissing({ state, cancelRequested, disowned }: KnownInvocation): boolean {
  switch (state) {
    case 'accepted':
    case 'waiting':
    case 'downloading':
    case 'running':
    case 'verifying':
    case 'rebooting':
      return true
    case 'sent':
      return cancelRequested
    case 'lost':
      return !disowned
    case 'queued':
    case 'withdrawn':
    case 'succeeded':
    case 'failed':
    case 'timedOut':
    case 'cancelled':
    case 'deleted':
      return false
  }
}
