import { connectElectedHub, type HubConnection } from './elected-hub.ts'
import type { HubMessage } from './messages.ts'
import { openHub } from './open-hub.ts'
import type { TabStreams } from './tab-streams.ts'

/**
 * Three heartbeats before the hub considers the tab crashed, even where timers run once a minute.
 */
const hereEveryMs = 45_000

/**
 * Connects a tab to the hub shared by all tabs: in a shared worker or, if the browser has none, in
 * an elected tab. Pages over plain HTTP have no locks: without a shared worker, each tab has its
 * own hub. Returns a function that disconnects.
 */
export function attachHub(streams: TabStreams): () => void {
  let connection: HubConnection
  const connectTab = () => (isSecureContext && 'locks' in navigator ? connectLeader(streams) : connectOwn(streams))
  const attach = () => {
    connection = connectWorker(streams, () => (connection = connectTab())) ?? connectTab()
  }
  const leave = () => connection.leave()
  // The browser may restore this page from its back-forward cache.
  const reattach = ({ persisted }: PageTransitionEvent) => persisted && attach()
  attach()
  const timer = setInterval(() => connection.post({ kind: 'here' }), hereEveryMs)
  addEventListener('pagehide', leave)
  addEventListener('pageshow', reattach)
  return () => {
    clearInterval(timer)
    removeEventListener('pagehide', leave)
    removeEventListener('pageshow', reattach)
    leave()
  }
}

function connectWorker(streams: TabStreams, onFailed: () => void): HubConnection | undefined {
  if (typeof SharedWorker === 'undefined') return undefined
  const worker = new SharedWorker(new URL('./stream-worker.ts', import.meta.url), {
    type: 'module',
    name: 'chandler-streams',
  })
  worker.addEventListener('error', onFailed, { once: true })
  worker.port.onmessage = ({ data }: MessageEvent<HubMessage>) => streams.receive(data)
  const post: HubConnection['post'] = (message) => worker.port.postMessage(message)
  streams.attach(post)
  return { post, leave: () => post({ kind: 'left' }) }
}

const connectLeader = (streams: TabStreams): HubConnection =>
  connectElectedHub(streams, {
    id: crypto.randomUUID(),
    locks: navigator.locks,
    openChannel: (name) => new BroadcastChannel(name),
    openHub,
    isVisible: () => document.visibilityState === 'visible',
    setTimer(run, delayMs) {
      const timer = setTimeout(run, delayMs)
      return () => clearTimeout(timer)
    },
  })

function connectOwn(streams: TabStreams): HubConnection {
  const hub = openHub()
  const receive = hub.connect((message) => queueMicrotask(() => streams.receive(message)))
  const post: HubConnection['post'] = (message) => queueMicrotask(() => receive(message))
  streams.attach(post)
  return { post, leave: () => hub.close() }
}
