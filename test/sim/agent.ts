import type { InvocationState } from '../../src/core/execution/invocation.ts'
import type { InstanceId, InvocationId } from '../../src/core/id.ts'
import type { OpenReconciliation } from '../../src/core/instance/reconcile-open.ts'
import type { Random } from './random.ts'
import type { AgentPlan } from './scenario.ts'
import type { Timeline } from './timeline.ts'

export type EndState = 'succeeded' | 'failed' | 'timedOut' | 'cancelled' | 'lost'

export interface JournalWord {
  readonly id: InvocationId
  readonly isEnded: boolean
}

interface Entry {
  end: EndState | undefined
  hasBegun: boolean
  acknowledged: boolean
  /** Its disk was wiped: it never runs again, and the agent has no record of it. */
  forgotten: boolean
}

/** The server from an agent's view; each call is one message that has arrived. */
export interface AgentServer {
  readonly isUp: () => boolean
  readonly epoch: () => number
  readonly hello: (instanceId: InstanceId, journal: readonly JournalWord[]) => OpenReconciliation
  readonly unknown: (id: InvocationId) => void
  /** For rules: the agent's received messages and actions. */
  readonly welcomed: (instanceId: InstanceId, journal: readonly JournalWord[], wanted: readonly InvocationId[]) => void
  readonly begun: (id: InvocationId) => void
  readonly acknowledged: (id: InvocationId) => void
  readonly fetch: (instanceId: InstanceId) => {
    readonly invocations: InvocationId[]
    readonly cancelled: InvocationId[]
  }
  readonly progress: (id: InvocationId, state: InvocationState) => void
  readonly end: (id: InvocationId, state: EndState) => void
}

export interface Agent {
  /** A nudge of the server. */
  nudge(): void
  isThere(): boolean
}

/**
 * An unreliable agent: it goes away, and its messages get lost, duplicated, delayed and reordered;
 * it may lose its journal while away and may ignore a cancel. It never runs an invocation twice.
 */
export function createAgent(options: {
  readonly instanceId: InstanceId
  readonly plan: AgentPlan
  readonly server: AgentServer
  readonly timeline: Timeline
  readonly random: Random
  /** False: there is nothing left to do, so time can end. */
  readonly isNeeded: () => boolean
}): Agent {
  const { instanceId, plan, server, timeline, random } = options
  const journal = new Map<InvocationId, Entry>()
  let messages = 0
  let wasAway = false
  /** Connections close with the servers, and while the agent itself is away. */
  let welcomedIn: number | undefined

  const isThere = (time: number) => {
    if (plan.life === 'late') return time >= plan.fromAt
    if (plan.life === 'dying') return time < plan.fromAt
    if (plan.life === 'returning') return time < plan.fromAt || time >= plan.fromAt + plan.awayMs
    return plan.life === 'steady'
  }

  /** One message: delayed, perhaps lost, perhaps duplicated. */
  function send(arrive: () => void): void {
    if (!isThere(timeline.now())) return
    messages += 1
    const number = messages
    const copies = random.chance(0.1, 'double', instanceId, number) ? 2 : 1
    for (let copy = 0; copy < copies; copy += 1) {
      if (random.chance(plan.lost / 100, 'lost', instanceId, number, copy)) continue
      timeline.at(timeline.now() + random.below(plan.delayMs + 1, 'delay', instanceId, number, copy), () => {
        if (server.isUp()) arrive()
      })
    }
  }

  function look(): void {
    if (!isThere(timeline.now())) {
      wasAway = true
      welcomedIn = undefined
      return
    }
    if (wasAway) forget()
    wasAway = false
    if (welcomedIn !== server.epoch()) return sayHello()
    for (const [id, entry] of journal)
      if (entry.end !== undefined && !entry.acknowledged && !entry.forgotten) sendEnd(id, entry.end)
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

  /**
   * First both sides exchange their state; the agent applies the answer before it takes anything
   * else.
   */
  function sayHello(): void {
    send(() => {
      if (welcomedIn === server.epoch()) return
      const words = [...journal].flatMap(([id, { end, acknowledged, forgotten }]) =>
        forgotten || acknowledged ? [] : [{ id, isEnded: end !== undefined }],
      )
      const { cancelled, over, wanted } = server.hello(instanceId, words)
      if (!isThere(timeline.now()) || random.chance(plan.lost / 100, 'welcome lost', instanceId, messages)) return
      welcomedIn = server.epoch()
      server.welcomed(instanceId, words, wanted)
      for (const id of cancelled) stop(id)
      for (const id of over) if (journal.get(id)?.hasBegun === false) stop(id)
      for (const id of wanted) answer(id)
      timeline.at(timeline.now() + 10, look)
    })
  }

  /** Reports an end again, or that there is no record of it. */
  function answer(id: InvocationId): void {
    const entry = journal.get(id)
    if (entry === undefined || entry.forgotten) send(() => server.unknown(id))
    else if (entry.end !== undefined) sendEnd(id, entry.end)
  }

  /** A disk was wiped or a machine replaced while away: all records are lost. */
  function forget(): void {
    for (const [id, entry] of journal)
      if (entry.end === undefined && random.chance(plan.forgetful / 100, 'forget', id)) entry.forgotten = true
  }

  function begin(id: InvocationId): void {
    if (journal.has(id)) return
    const entry: Entry = { end: undefined, hasBegun: false, acknowledged: false, forgotten: false }
    journal.set(id, entry)
    const words = ['accepted', 'downloading', 'running', 'verifying'] as const
    const isOver = () => entry.end !== undefined || entry.forgotten
    const step = (index: number) =>
      whenAwake(id, () => {
        if (isOver()) return
        const word = words[index]
        if (word === undefined) return finish(id, entry)
        if (word === 'running') {
          entry.hasBegun = true
          server.begun(id)
        }
        send(() => server.progress(id, word))
        timeline.at(timeline.now() + plan.workMs / words.length, () => step(index + 1))
      })
    step(0)
  }

  function finish(id: InvocationId, entry: Entry): void {
    const failed = random.chance(plan.failing / 100, 'fail', id)
    entry.end = failed ? (random.chance(0.3, 'time out', id) ? 'timedOut' : 'failed') : 'succeeded'
    sendEnd(id, entry.end)
  }

  /**
   * Some agents continue to work while they are disconnected; others pause while they are away, and
   * continue some time after their return.
   */
  function whenAwake(id: InvocationId, action: () => void): void {
    const now = timeline.now()
    const isHalted = plan.life === 'returning' && !isThere(now) && random.chance(0.7, 'halted', instanceId)
    if (!isHalted) return action()
    timeline.at(plan.fromAt + plan.awayMs + random.below(20_000, 'goes on', id), () => whenAwake(id, action))
  }

  function stop(id: InvocationId): void {
    const entry = journal.get(id)
    if (entry === undefined || entry.end !== undefined || entry.forgotten) return
    // Started work may ignore it.
    if (entry.hasBegun && random.chance(plan.stubborn / 100, 'stubborn', id)) return
    entry.end = 'cancelled'
    sendEnd(id, 'cancelled')
  }

  function sendEnd(id: InvocationId, end: EndState): void {
    send(() => {
      server.end(id, end)
      if (random.chance(plan.lost / 100, 'ack lost', id, timeline.now())) return
      const entry = journal.get(id)
      if (entry) entry.acknowledged = true
      server.acknowledged(id)
    })
  }

  function lookByTimer(): void {
    look()
    if (options.isNeeded()) timeline.at(timeline.now() + plan.lookEveryMs, lookByTimer)
  }
  if (plan.life !== 'never') timeline.at(random.below(plan.lookEveryMs, 'first look', instanceId), lookByTimer)
  // Like an agent that starts: it connects immediately.
  if (plan.life === 'returning') timeline.at(plan.fromAt + plan.awayMs, look)

  return { nudge: () => timeline.at(timeline.now() + 10, look), isThere: () => isThere(timeline.now()) }
}
