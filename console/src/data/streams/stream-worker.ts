/** Shared by all tabs of a browser: holds the one connection that they follow the server over. */
import type { TabMessage } from './messages.ts'
import { openHub } from './open-hub.ts'

const hub = openHub()
const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void }
scope.onconnect = ({ ports: [port] }) => {
  if (!port) return
  const receive = hub.connect((message) => port.postMessage(message))
  // Assigning it opens the port, too.
  port.onmessage = ({ data }: MessageEvent<TabMessage>) => receive(data)
}
