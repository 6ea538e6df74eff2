import { ClientError } from '../../../../src/client/client-error.ts'
import type { ServerEvent } from '../../../../src/client/event-parser.ts'
import { mayPass } from '../../../../src/client/event-stream.ts'
import { maxStreamTopics } from '../../../../src/core/limits.ts'
import type { Problem } from '../../../../src/protocol/api/problem.ts'
import { nameTopic, parseTopic, placeNow, type Topic } from '../../../../src/protocol/api/streams.ts'
import { earlierPlace } from './earlier-place.ts'
import type { HubMessage, TabMessage } from './messages.ts'

export interface StreamHub {
  /** Adds a tab; pass its messages to the returned function. */
  connect(post: (message: HubMessage) => void): (message: TabMessage) => void
  /** Closes the connection to the server and sends nothing more to tabs. */
  close(): void
}

export interface StreamHubParts {
  readonly open: (topics: readonly Topic[], signal: AbortSignal) => AsyncIterable<ServerEvent | 'open' | 'alive'>
  readonly now: () => number
  readonly setTimer: (run: () => void, delayMs: number) => () => void
}

interface Tab {
  readonly post: (message: HubMessage) => void
  readonly follows: Map<number, Followed>
  lastMessageAt: number
  /** Characters of events sent but not yet acknowledged. */
  unhandled: number
  isDropped: boolean
  isLive: boolean | undefined
}

interface Followed {
  topic: Topic
  /** First event of the subscription: for lists, the event that names all of them. */
  first: ServerEvent | undefined
  /**
   * The next connection continues from here, because a follower joined that has not received what
   * follows.
   */
  rewind: { readonly place: string | undefined } | undefined
  /** Carried by the most recent connection. */
  isCarried: boolean
  readonly followers: Set<{ readonly tab: Tab; readonly number: number }>
}

/** An opening page subscribes to several topics within this time. */
const gatherMs = 50
/** An unused topic costs the server resources, but so does opening another connection. */
const leaveMs = 2_000
const firstDelayMs = 200
const maxDelayMs = 5_000
/** Hidden tabs run timers once a minute. */
const maxTabSilenceMs = 180_000
/** A frozen tab handles nothing, and its queue uses memory. */
const maxUnhandled = 16 * 1024 * 1024

/**
 * One connection to the server for all tabs of a browser: browsers open at most six connections per
 * server. Changing the set of topics opens a new connection, which continues each topic at its
 * position; the old one closes after the new one is open.
 */
export function createStreamHub({ open, now, setTimer }: StreamHubParts): StreamHub {
  const tabs = new Set<Tab>()
  const topics = new Map<string, Followed>()
  let current: AbortController | undefined
  let opening: AbortController | undefined
  let attempt = 0
  let planned: { readonly at: number; readonly cancel: () => void } | undefined
  let cancelSweep: (() => void) | undefined
  let isClosed = false

  function plan(delayMs: number): void {
    const at = now() + delayMs
    if (planned && planned.at <= at) return
    planned?.cancel()
    const cancel = setTimer(() => {
      planned = undefined
      void connect()
    }, delayMs)
    planned = { at, cancel }
  }

  async function connect(): Promise<void> {
    opening?.abort()
    opening = undefined
    if (topics.size === 0) {
      current?.abort()
      current = undefined
      return
    }
    const own = new AbortController()
    opening = own
    const requested = [...topics.values()].slice(0, maxStreamTopics).map((followed) => {
      const { topic, rewind, isCarried } = followed
      const place = rewind ? rewind.place : topic.kind === 'lists' && current && isCarried ? placeNow : topic.place
      return { followed, rewind, topic: { ...topic, place } }
    })
    try {
      for await (const event of open(
        requested.map(({ topic }) => topic),
        own.signal,
      )) {
        if (event === 'open') {
          current?.abort()
          current = own
          opening = undefined
          attempt = 0
          for (const followed of topics.values()) followed.isCarried = false
          for (const { followed, rewind, topic } of requested) {
            followed.isCarried = true
            followed.topic = topic
            if (followed.rewind === rewind) followed.rewind = undefined
          }
          sendStatus()
        } else if (own.signal.aborted) {
          return
        } else if (event !== 'alive') {
          pass(event)
        }
      }
      if (own.signal.aborted) return
      lose(own, requested.some(({ followed }) => followed.followers.size > 0) ? 'early' : 'over')
    } catch (error) {
      if (own.signal.aborted) return
      if (!(error instanceof ClientError)) {
        lose(own, 'early')
        throw error
      }
      if (!mayPass(error)) for (const { followed } of requested) refuse(followed, problemOf(error))
      lose(own, mayPass(error) ? 'early' : 'over')
    }
  }

  function lose(own: AbortController, how: 'early' | 'over'): void {
    own.abort()
    if (opening === own) opening = undefined
    if (current === own) {
      current = undefined
      for (const followed of topics.values()) followed.isCarried = false
    }
    sendStatus()
    // A connection that is opening replaces this one.
    if (opening || topics.size === 0) return
    plan(how === 'over' ? gatherMs : Math.min(maxDelayMs, firstDelayMs * 2 ** attempt++) * (0.5 + Math.random() / 2))
  }

  function pass(event: ServerEvent): void {
    const topic = parseTopic(event.id ?? '')
    const followed = topic && topics.get(nameTopic(topic))
    if (!followed) return
    if (event.name === 'refused') return refuse(followed, JSON.parse(event.data) as Problem)
    if (topic.kind === 'lists') followed.first ??= event
    followed.topic = topic
    for (const { tab, number } of followed.followers) send(tab, number, event)
    if (event.name === 'end') drop(followed)
  }

  function send(tab: Tab, number: number, event: ServerEvent): void {
    tab.post({ kind: 'event', number, event })
    tab.unhandled += event.data.length
    if (tab.unhandled > maxUnhandled) forget(tab)
  }

  function refuse(followed: Followed, problem: Problem): void {
    for (const { tab, number } of followed.followers) tab.post({ kind: 'refused', number, problem })
    drop(followed)
  }

  /** The topic has ended. */
  function drop(followed: Followed): void {
    for (const { tab, number } of followed.followers) tab.follows.delete(number)
    followed.followers.clear()
    topics.delete(nameTopic(followed.topic))
    // There may be capacity for a waiting topic.
    if (topics.size >= maxStreamTopics) plan(gatherMs)
  }

  function follow(tab: Tab, number: number, topic: Topic): void {
    const name = nameTopic(topic)
    const known = topics.get(name)
    const followed = known ?? {
      topic,
      first: undefined,
      rewind: undefined,
      isCarried: false,
      followers: new Set(),
    }
    topics.set(name, followed)
    tab.follows.set(number, followed)
    followed.followers.add({ tab, number })
    if (known?.isCarried && topic.kind === 'lists' && known.first) return send(tab, number, known.first)
    if (known) known.rewind = { place: earlierPlace(topic.kind, (known.rewind ?? known.topic).place, topic.place) }
    plan(attempt === 0 ? gatherMs : maxDelayMs)
  }

  function leave(tab: Tab, number: number): void {
    const followed = tab.follows.get(number)
    if (!followed) return
    tab.follows.delete(number)
    for (const follower of followed.followers)
      if (follower.tab === tab && follower.number === number) followed.followers.delete(follower)
    if (followed.followers.size > 0) return
    topics.delete(nameTopic(followed.topic))
    plan(leaveMs)
  }

  function forget(tab: Tab): void {
    tab.isDropped = true
    for (const number of tab.follows.keys()) leave(tab, number)
  }

  /** Crashed tabs send no message. */
  function sweep(): void {
    for (const tab of tabs) if (now() - tab.lastMessageAt > maxTabSilenceMs && !tab.isDropped) forget(tab)
    cancelSweep = tabs.size > 0 ? setTimer(sweep, maxTabSilenceMs) : undefined
  }

  function sendStatus(): void {
    for (const tab of tabs) {
      const isLive =
        current !== undefined && [...tab.follows.values()].every((followed) => followed.isCarried || opening || planned)
      if (tab.isLive === isLive) continue
      tab.isLive = isLive
      tab.post({ kind: 'status', isLive })
    }
  }

  return {
    connect(post) {
      const tab: Tab = {
        post,
        follows: new Map(),
        lastMessageAt: now(),
        unhandled: 0,
        isDropped: false,
        isLive: undefined,
      }
      tabs.add(tab)
      cancelSweep ??= setTimer(sweep, maxTabSilenceMs)
      return (message) => {
        if (isClosed) return
        tab.lastMessageAt = now()
        if (message.kind === 'handled') tab.unhandled -= message.length
        if (message.kind === 'left') {
          forget(tab)
          tabs.delete(tab)
          return
        }
        if (tab.isDropped) {
          // Unacknowledged events come first.
          if (tab.unhandled > 0) return
          tab.isDropped = false
          tab.post({ kind: 'dropped' })
          return
        }
        if (message.kind === 'follow') follow(tab, message.number, message.topic)
        if (message.kind === 'leave') leave(tab, message.number)
        sendStatus()
      }
    },
    close() {
      isClosed = true
      planned?.cancel()
      cancelSweep?.()
      opening?.abort()
      current?.abort()
      tabs.clear()
    },
  }
}

const problemOf = ({ code, status, message, next, requestId }: ClientError): Problem => ({
  type: '',
  title: '',
  code,
  status,
  detail: message,
  next,
  requestId,
})
