import type { HubMessage, TabMessage } from './messages.ts'
import type { StreamHub } from './stream-hub.ts'
import type { TabStreams } from './tab-streams.ts'

/** What a tab needs from its browser to take part in the election. */
export interface ElectionParts {
  /** Unique among the tabs of the browser. */
  readonly id: string
  readonly locks: Locks
  /** A channel to all tabs that open the same name. */
  readonly openChannel: (name: string) => TabChannel
  readonly openHub: () => StreamHub
  readonly isVisible: () => boolean
  /** Runs once after the delay, unless the returned function cancels it. */
  readonly setTimer: (run: () => void, delayMs: number) => () => void
}

/** As `navigator.locks`: the lock is held until the returned promise resolves. */
export interface Locks {
  request(name: string, options: LockOptions, run: () => Promise<void> | undefined): Promise<unknown>
}

export interface TabChannel {
  postMessage(message: unknown): void
  close(): void
  onmessage: ((event: MessageEvent) => void) | null
}

/** A tab that is connected to a hub. */
export interface HubConnection {
  readonly post: (message: TabMessage) => void
  readonly leave: () => void
}

/** On the channel of all tabs. */
type Notice =
  /** Asks which tab is the leader. */
  { readonly kind: 'who' } | { readonly kind: 'leads' | 'resigned'; readonly id: string }

/** On the channel of one tab: from its leader, or from its followers if the tab is the leader. */
type Letter =
  | { readonly kind: 'from-leader'; readonly id: string; readonly message: HubMessage }
  | { readonly kind: 'from-follower'; readonly id: string; readonly message: TabMessage }

/** The hub of the leader, with the tabs that are connected to it. */
interface Leadership {
  readonly post: (message: TabMessage) => void
  readonly receive: (follower: string, message: TabMessage) => void
  readonly end: () => void
}

const electionName = 'chandler-streams'
const channelOf = (id: string) => `${electionName}/${id}`
/** A leader answers at once unless the browser has frozen its tab. */
const pollMs = 10_000

/**
 * Connects a tab to the hub of the leader. The leader is the tab that holds a lock; the browser
 * gives the lock to another tab when the leader closes or crashes. A browser may freeze a hidden
 * leader that keeps the lock: a visible tab that gets no answer takes the lock.
 */
export function connectElectedHub(streams: TabStreams, parts: ElectionParts): HubConnection {
  const { id, locks, openChannel, isVisible, setTimer } = parts
  const all = openChannel(electionName)
  const inbox = openChannel(channelOf(id))
  const left = new AbortController()
  let waiting = new AbortController()
  let own: Leadership | undefined
  let leader: { readonly id: string; readonly channel: TabChannel } | undefined
  let isAsking = false
  let cancelLook = setTimer(look, pollMs)

  const announce = (notice: Notice) => all.postMessage(notice)

  function request(options: LockOptions): void {
    let mine: Leadership | undefined
    const hold = () => {
      if (left.signal.aborted) return undefined
      loseLeader()
      own?.end()
      own = mine = leadTabs(streams, parts)
      streams.attach(own.post)
      announce({ kind: 'leads', id })
      return new Promise<void>((resolve) => left.signal.addEventListener('abort', () => resolve()))
    }
    locks.request(electionName, options, hold).catch((error: unknown) => {
      // This tab no longer waits, or another tab has taken the lock.
      if (!(error instanceof Error && error.name === 'AbortError')) throw error
      if (mine && mine === own) resign()
    })
  }

  function wait(): void {
    waiting = new AbortController()
    request({ signal: waiting.signal })
    announce({ kind: 'who' })
  }

  function resign(): void {
    own?.end()
    own = undefined
    streams.receive({ kind: 'status', isLive: false })
    if (left.signal.aborted) return
    announce({ kind: 'resigned', id })
    wait()
  }

  function follow(leaderId: string): void {
    isAsking = false
    if (leader?.id === leaderId) return
    loseLeader()
    const channel = openChannel(channelOf(leaderId))
    leader = { id: leaderId, channel }
    streams.attach(post)
  }

  function loseLeader(): void {
    leader?.channel.close()
    if (leader) streams.receive({ kind: 'status', isLive: false })
    leader = undefined
  }

  function post(message: TabMessage): void {
    if (own) own.post(message)
    else leader?.channel.postMessage({ kind: 'from-follower', id, message } satisfies Letter)
  }

  function look(): void {
    cancelLook = setTimer(look, pollMs)
    if (own || !isVisible()) {
      isAsking = false
    } else if (isAsking) {
      isAsking = false
      waiting.abort()
      request({ steal: true })
    } else {
      isAsking = true
      announce({ kind: 'who' })
    }
  }

  all.onmessage = ({ data }: MessageEvent<Notice>) => {
    if (data.kind === 'who') {
      if (own) announce({ kind: 'leads', id })
    } else if (data.kind === 'leads') {
      // A leader whose lock was taken may not know yet: the lock decides, not the notice.
      if (!own) follow(data.id)
    } else if (leader?.id === data.id) {
      loseLeader()
      announce({ kind: 'who' })
    }
  }
  inbox.onmessage = ({ data }: MessageEvent<Letter>) => {
    if (data.kind === 'from-follower') own?.receive(data.id, data.message)
    else if (leader?.id === data.id) streams.receive(data.message)
  }
  wait()

  return {
    post,
    leave() {
      post({ kind: 'left' })
      cancelLook()
      left.abort()
      waiting.abort()
      own?.end()
      own = undefined
      leader?.channel.close()
      leader = undefined
      all.close()
      inbox.close()
    },
  }
}

function leadTabs(streams: TabStreams, { id, openHub, openChannel }: ElectionParts): Leadership {
  const hub = openHub()
  let isOver = false
  const followers = new Map<string, { readonly channel: TabChannel; readonly receive: (message: TabMessage) => void }>()
  const connect = (follower: string) => {
    const channel = openChannel(channelOf(follower))
    const receive = hub.connect((message) => channel.postMessage({ kind: 'from-leader', id, message } satisfies Letter))
    const connected = { channel, receive }
    followers.set(follower, connected)
    return connected
  }
  // As from another tab: not before the sender has finished.
  const receiveOwn = hub.connect((message) => queueMicrotask(() => isOver || streams.receive(message)))
  return {
    post: (message) => queueMicrotask(() => receiveOwn(message)),
    receive(follower, message) {
      const { channel, receive } = followers.get(follower) ?? connect(follower)
      receive(message)
      if (message.kind !== 'left') return
      channel.close()
      followers.delete(follower)
    },
    end() {
      isOver = true
      hub.close()
      for (const { channel } of followers.values()) channel.close()
    },
  }
}
