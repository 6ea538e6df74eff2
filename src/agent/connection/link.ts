import WebSocket, { type ClientOptions } from 'ws'
import type { AgentMessage, ServerMessage } from '../../protocol/agent-messages.ts'
import { agentPaths } from '../../protocol/agent-protocol.ts'
import { serverMessageShape } from '../../protocol/agent-shapes.ts'
import { readShape, ShapeError } from '../../protocol/shape.ts'
import { directNetwork, type Network } from './network.ts'

/** The largest frame from a server: a hand-out of many invocations with their scripts. */
const maxFrameBytes = 8 * 1024 * 1024
const socketOptions: ClientOptions & { closeTimeout: number; maxFragments: number } = {
  perMessageDeflate: false,
  maxPayload: maxFrameBytes,
  maxFragments: 1_024,
  handshakeTimeout: 15_000,
  closeTimeout: 2_000,
}

/** One WebSocket to the server. Opens once, and calls `onClosed` once, whatever happens. */
export interface Link {
  send(message: AgentMessage): void
  ping(): void
  /** Closes with a handshake; `onClosed` follows. */
  close(): void
  /**
   * Terminates the connection; `onClosed` follows, with this reason and fault (default `network`).
   */
  terminate(reason: string, fault?: Fault): void
}

/** `network`: a reconnect may help; `protocol`: the peer violates the protocol. */
export type Fault = 'network' | 'protocol'

export interface LinkEvents {
  onOpen(): void
  onMessage(message: ServerMessage): void
  /** The peer is alive: a pong, or a ping from it. */
  onAlive(): void
  /** @param reason a clause: why it closed */
  onClosed(reason: string, fault: Fault): void
}

export function openLink(server: string, events: LinkEvents, network: Network = directNetwork): Link {
  const url = connectUrl(server)
  const agent = network.agentFor(url)
  const socket = new WebSocket(url, agent ? { ...socketOptions, agent } : socketOptions)
  let reason: string | undefined
  let fault: Fault = 'network'
  const fail = (why: string, whose: Fault) => {
    reason ??= why
    fault = whose
    socket.terminate()
  }

  socket.on('open', events.onOpen)
  socket.on('message', (data, isBinary) => {
    // Ignore further messages from the read whose message ended the link.
    if (socket.readyState !== WebSocket.OPEN) return
    const message = isBinary ? 'sent a binary frame' : readMessage(data as Buffer)
    if (typeof message === 'string') fail(`the server ${message}`, 'protocol')
    else events.onMessage(message)
  })
  socket.on('pong', events.onAlive)
  socket.on('ping', events.onAlive)
  socket.on('unexpected-response', (request, response) => {
    fault = response.statusCode === 404 ? 'protocol' : 'network'
    reason ??= `the server answered ${response.statusCode} ${response.statusMessage ?? ''} to ${agentPaths.connect}`
    response.destroy()
    request.destroy()
    socket.terminate()
  })
  socket.on('error', (error: Error & { code?: string }) => {
    // The error codes of ws for invalid input from the peer (oversized frames, invalid UTF-8, …).
    if (error.code?.startsWith('WS_ERR_')) fault = 'protocol'
    reason ??= network.explain(error, new URL(server))
  })
  socket.on('close', (code, text) => {
    const said = text.toString('utf8').slice(0, 200)
    events.onClosed(reason ?? `the server closed the connection (${code}${said ? ` ${said}` : ''})`, fault)
  })

  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
    },
    ping: () => {
      if (socket.readyState === WebSocket.OPEN) socket.ping()
    },
    close: () => socket.close(1000),
    terminate: (why, whose = 'network') => fail(why, whose),
  }
}

/** Maps `https://host/base` to `wss://host/base/agent/v1/connect`. */
function connectUrl(server: string): URL {
  const url = new URL(server)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.pathname = url.pathname.replace(/\/+$/, '') + agentPaths.connect
  url.search = ''
  url.hash = ''
  return url
}

/** The message, or what is wrong with it. */
function readMessage(data: Buffer): ServerMessage | string {
  let json: unknown
  try {
    json = JSON.parse(data.toString('utf8'))
  } catch {
    return 'sent a frame that is not JSON'
  }
  try {
    return readShape(serverMessageShape, json)
  } catch (error) {
    if (error instanceof ShapeError) return `sent a message that does not fit the protocol (${error.message})`
    throw error
  }
}
