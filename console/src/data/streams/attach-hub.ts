import type { HubMessage, TabMessage } from './messages.ts'
import { openHub } from './open-hub.ts'
import type { TabStreams } from './tab-streams.ts'

/** Three times before the hub takes the tab for crashed, even where timers run once a minute. */
const hereEveryMs = 45_000

/** Connects a tab with the hub in the worker that all tabs share; browsers without such workers get a hub in every tab. Returns how to leave. */
export function attachHub(streams: TabStreams): () => void {
  let post: (message: TabMessage) => void = () => undefined
  const attach = () => {
    post = connectWorker(streams, attachOwn) ?? connectOwn(streams)
    streams.attach(post)
  }
  const attachOwn = () => {
    post = connectOwn(streams)
    streams.attach(post)
  }
  const leave = () => post({ kind: 'gone' })
  // The browser may bring back a page that was left, with all that it had.
  const comeBack = ({ persisted }: PageTransitionEvent) => persisted && attach()
  attach()
  const timer = setInterval(() => post({ kind: 'here' }), hereEveryMs)
  addEventListener('pagehide', leave)
  addEventListener('pageshow', comeBack)
  return () => {
    clearInterval(timer)
    removeEventListener('pagehide', leave)
    removeEventListener('pageshow', comeBack)
    leave()
  }
}

function connectWorker(streams: TabStreams, onFailed: () => void): ((message: TabMessage) => void) | undefined {
  if (typeof SharedWorker === 'undefined') return undefined
  const worker = new SharedWorker(new URL('./stream-worker.ts', import.meta.url), {
    type: 'module',
    name: 'chandler-streams',
  })
  worker.addEventListener('error', onFailed, { once: true })
  worker.port.onmessage = ({ data }: MessageEvent<HubMessage>) => streams.receive(data)
  return (message) => worker.port.postMessage(message)
}

function connectOwn(streams: TabStreams): (message: TabMessage) => void {
  const receive = openHub().connect((message) => queueMicrotask(() => streams.receive(message)))
  return (message) => queueMicrotask(() => receive(message))
}
