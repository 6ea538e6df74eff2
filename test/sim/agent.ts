import type { InstanceId, InvocationId } from '../../src/core/id.ts'
import type { InvocationState } from '../../src/core/invocation.ts'
import type { Random } from './random.ts'
import type { AgentPlan } from './scenario.ts'
import type { Timeline } from './timeline.ts'

export type EndState = 'succeeded' | 'failed' | 'timedOut' | 'cancelled' | 'lost'

/** The server as an agent sees it; each call is one message that has arrived. */
export interface AgentServer {
  readonly fetch: (instanceId: InstanceId) => {
    readonly invocations: InvocationId[]
    readonly cancelled: InvocationId[]
  }
  readonly progress: (id: InvocationId, state: InvocationState) => void
  readonly end: (id: InvocationId, state: EndState) => void
}

export interface Agent {
  /** The server says "look". */
  nudge(): void
  isThere(): boolean
}

/**
 * An agent with a bad day: it is away at times, messages get lost, are doubled, late and overtake each other; it may forget its
 * journal while away and may not heed a cancel. What it never does is to run an invocation twice.
 */
export function createAgent(options: {
  readonly instanceId: InstanceId
  readonly plan: AgentPlan
  readonly server: AgentServer
  readonly timeline: Timeline
  readonly random: Random
  /** False: nothing is left to do, so that time can end. */
  readonly isNeeded: () => boolean
}): Agent {
  const { instanceId, plan, server, timeline, random } = options
  const journal = new Map<InvocationId, { end: EndState | undefined; acknowledged: boolean }>()
  let messages = 0
  let wasAway = false

  const isThere = (time: number) => {
    if (plan.life === 'late') return time >= plan.fromAt
    if (plan.life === 'dying') return time < plan.fromAt
    if (plan.life === 'returning') return time < plan.fromAt || time >= plan.fromAt + plan.awayMs
    return plan.life === 'steady'
  }

  /** One message: under way for a while, perhaps lost, perhaps twice. */
  function send(arrive: () => void): void {
    if (!isThere(timeline.now())) return
    messages += 1
    const number = messages
    const copies = random.chance(0.1, 'double', instanceId, number) ? 2 : 1
    for (let copy = 0; copy < copies; copy += 1) {
      if (random.chance(plan.lost / 100, 'lost', instanceId, number, copy)) continue
      timeline.at(timeline.now() + random.below(plan.delayMs + 1, 'delay', instanceId, number, copy), arrive)
    }
  }

  function look(): void {
    if (!isThere(timeline.now())) {
      wasAway = true
      return
    }
    if (wasAway) forget()
    wasAway = false
    for (const [id, entry] of journal) if (entry.end !== undefined && !entry.acknowledged) sendEnd(id, entry.end)
    send(() => {
      const { invocations, cancelled } = server.fetch(instanceId)
      if (
        !isThere(timeline.now()) ||
        random.chance(plan.lost / 100, 'answer lost', instanceId, messages, timeline.now())
      )
        return
      for (const id of invocations) begin(id)
      for (const id of cancelled) stop(id)
    })
  }

  /** A disk was wiped or a machine replaced while away: what ran there is lost, and the agent says so. */
  function forget(): void {
    for (const [id, entry] of journal) {
      if (entry.end === undefined && random.chance(plan.forgetful / 100, 'forget', id)) entry.end = 'lost'
    }
  }

  function begin(id: InvocationId): void {
    if (journal.has(id)) return
    const entry: { end: EndState | undefined; acknowledged: boolean } = { end: undefined, acknowledged: false }
    journal.set(id, entry)
    const words = ['accepted', 'downloading', 'running', 'verifying'] as const
    words.forEach((word, index) =>
      timeline.at(timeline.now() + (plan.workMs * index) / words.length, () => {
        if (entry.end === undefined) send(() => server.progress(id, word))
      }),
    )
    timeline.at(timeline.now() + plan.workMs, () => {
      if (entry.end !== undefined) return
      const failed = random.chance(plan.failing / 100, 'fail', id)
      entry.end = failed ? (random.chance(0.3, 'time out', id) ? 'timedOut' : 'failed') : 'succeeded'
      sendEnd(id, entry.end)
    })
  }

  function stop(id: InvocationId): void {
    const entry = journal.get(id)
    if (entry === undefined || entry.end !== undefined || random.chance(plan.stubborn / 100, 'stubborn', id)) return
    entry.end = 'cancelled'
    sendEnd(id, 'cancelled')
  }

  function sendEnd(id: InvocationId, end: EndState): void {
    send(() => {
      server.end(id, end)
      if (random.chance(plan.lost / 100, 'ack lost', id, timeline.now())) return
      const entry = journal.get(id)
      if (entry) entry.acknowledged = true
    })
  }

  function lookByTimer(): void {
    look()
    if (options.isNeeded()) timeline.at(timeline.now() + plan.lookEveryMs, lookByTimer)
  }
  if (plan.life !== 'never') timeline.at(random.below(plan.lookEveryMs, 'first look', instanceId), lookByTimer)

  return { nudge: () => timeline.at(timeline.now() + 10, look), isThere: () => isThere(timeline.now()) }
}
