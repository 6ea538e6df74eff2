import { ClientError } from '../../../../src/client/client-error.ts'
import type { ServerEvent } from '../../../../src/client/event-parser.ts'
import type { EventSource } from '../../../../src/client/event-stream.ts'
import type { Problem } from '../../../../src/protocol/api/problem.ts'
import { parseTopic, type Topic } from '../../../../src/protocol/api/streams.ts'
import type { HubMessage, TabMessage } from './messages.ts'

/** Subscriptions of one tab to the shared hub. */
export interface TabStreams {
  readonly follow: EventSource
  /** Handles a message of the hub. */
  receive(message: HubMessage): void
  /** Attaches a (new) hub and sends it all subscriptions. */
  attach(post: (message: TabMessage) => void): void
}

interface Following {
  topic: Topic
  readonly events: ServerEvent[]
  problem: Problem | undefined
  wake: () => void
}

export function createTabStreams(onStatus: (isLive: boolean) => void): TabStreams {
  const followings = new Map<number, Following>()
  let lastNumber = 0
  let post: (message: TabMessage) => void = () => undefined

  const followAll = () => {
    for (const [number, { topic, problem }] of followings) if (!problem) post({ kind: 'follow', number, topic })
  }

  async function* follow(topic: Topic, signal: AbortSignal | undefined): AsyncGenerator<ServerEvent, void> {
    const number = ++lastNumber
    const following: Following = { topic, events: [], problem: undefined, wake: () => undefined }
    followings.set(number, following)
    const stop = () => following.wake()
    signal?.addEventListener('abort', stop)
    try {
      post({ kind: 'follow', number, topic })
      while (!signal?.aborted) {
        const event = following.events.shift()
        if (event) {
          post({ kind: 'handled', length: event.data.length })
          yield event
          if (event.name === 'end') return
        } else if (following.problem) {
          throw new ClientError(following.problem)
        } else {
          await new Promise<void>((resolve) => (following.wake = resolve))
        }
      }
    } finally {
      signal?.removeEventListener('abort', stop)
      followings.delete(number)
      const length = following.events.reduce((sum, { data }) => sum + data.length, 0)
      if (length > 0) post({ kind: 'handled', length })
      post({ kind: 'leave', number })
    }
  }

  return {
    follow,
    attach(to) {
      post = to
      followAll()
    },
    receive(message) {
      if (message.kind === 'status') return onStatus(message.isLive)
      if (message.kind === 'dropped') return followAll()
      const following = followings.get(message.number)
      if (message.kind === 'refused') {
        if (!following) return
        following.problem = message.problem
      } else {
        const { event } = message
        // The hub disconnected in the meantime.
        if (!following) return post({ kind: 'handled', length: event.data.length })
        following.topic = parseTopic(event.id ?? '') ?? following.topic
        following.events.push(event)
      }
      following.wake()
    },
  }
}
