/** Shared by all tabs of a browser: holds the single event connection to the server. */
import type { TabMessage } from './messages.ts'
import { openHub } from './open-hub.ts'

const hub = openHub()
const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void }
scope.onconnect = ({ ports: [port] }) => {
  if (!port) return
  const receive = hub.connect((message) => port.postMessage(message))
  // Assigning onmessage also starts the port.
  port.onmessage = ({ data }: MessageEvent<TabMessage>) => receive(data)
}
