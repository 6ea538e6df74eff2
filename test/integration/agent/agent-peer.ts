import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import {
  type AgentMessage,
  agentMessageSchema,
  type EnrolRequest,
  enrolRequestSchema,
  type InvocationMessage,
  type ServerMessage,
} from '../../../src/protocol/agent-messages.ts'
import { agentPaths } from '../../../src/protocol/agent-protocol.ts'

type MessageOf<Type> = Extract<AgentMessage, { type: Type }>

/**
 * A server that speaks the agent protocol exactly as a test directs it: the peer of connection.ts.
 */
export interface AgentPeer {
  readonly url: string
  /**
   * All enrolments so far, in order; the n-th key gets the id `enrolledId(n)`, on every attempt.
   */
  readonly enrolments: EnrolRequest[]
  /** From now on enrolment requests get no answer. */
  holdEnrolments(): void
  /** All connections so far, in order. */
  readonly connections: PeerConnection[]
  /** The next connection that no earlier call has returned. */
  accept(): Promise<PeerConnection>
  /** Accepts and greets, up to the welcome and the fetch that follows it. */
  /** `version`: of the protocol; absent: the server names none, as before version 3. */
  welcome(heartbeatMs?: number, version?: number): Promise<PeerConnection>
  close(): Promise<void>
}

export interface PeerConnection {
  readonly socket: WebSocket
  /** All messages from the agent on this connection. */
  readonly received: AgentMessage[]
  readonly closed: Promise<number>
  send(message: ServerMessage): void
  /** The next message of a type that no earlier call has returned. */
  next<Type extends AgentMessage['type']>(type: Type): Promise<MessageOf<Type>>
  /**
   * Resolves when the agent has handled everything sent so far: it handles frames in order, so a
   * pong proves it.
   */
  settled(): Promise<void>
}

export async function makeAgentPeer(): Promise<AgentPeer> {
  const enrolments: EnrolRequest[] = []
  let holdsEnrolments = false
  const keys = new Map<string, string>()
  const takeEnrolment = async (request: IncomingMessage, response: ServerResponse) => {
    const enrolment = enrolRequestSchema.parse(JSON.parse(Buffer.concat(await request.toArray()).toString()))
    enrolments.push(enrolment)
    if (holdsEnrolments) return
    const instanceId = keys.get(enrolment.publicKey) ?? enrolledId(keys.size)
    keys.set(enrolment.publicKey, instanceId)
    response.end(JSON.stringify({ instanceId }))
  }
  const http = createServer((request, response) => {
    if (request.url === agentPaths.enrol) void takeEnrolment(request, response)
    else response.writeHead(404).end()
  })
  const sockets = new WebSocketServer({ server: http, path: agentPaths.connect, perMessageDeflate: false })
  const connections: PeerConnection[] = []
  const arrivals = makeQueue<PeerConnection>()
  sockets.on('connection', (socket) => {
    const connection = makePeerConnection(socket)
    connections.push(connection)
    arrivals.push(connection)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    enrolments,
    holdEnrolments: () => {
      holdsEnrolments = true
    },
    connections,
    accept: () => arrivals.next(() => true),
    async welcome(heartbeatMs = 30_000, version) {
      const connection = await arrivals.next(() => true)
      connection.send({ type: 'challenge', nonce: 'nonce', ...(version === undefined ? {} : { version }) })
      await connection.next('hello')
      connection.send({ type: 'welcome', serverTime: Date.now(), heartbeatMs })
      await connection.next('fetch')
      return connection
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

/** The id of the n-th key, counted from 0. */
export const enrolledId = (ordinal: number) => `i-${String(ordinal).padStart(16, '0')}`

function makePeerConnection(socket: WebSocket): PeerConnection {
  const received: AgentMessage[] = []
  const messages = makeQueue<AgentMessage>()
  socket.on('message', (data) => {
    const message = agentMessageSchema.parse(JSON.parse(textOf(data)))
    received.push(message)
    messages.push(message)
  })
  return {
    socket,
    received,
    closed: new Promise((resolve) => socket.on('close', resolve)),
    send: (message) => socket.send(JSON.stringify(message)),
    next: <Type extends AgentMessage['type']>(type: Type) =>
      messages.next((message) => message.type === type) as Promise<MessageOf<Type>>,
    async settled() {
      socket.ping()
      await new Promise((resolve) => socket.once('pong', resolve))
    },
  }
}

const textOf = (data: RawData) => (data as Buffer).toString('utf8')

/** A queue where values wait for takers and takers for values; a taker passes a condition. */
function makeQueue<Value>() {
  const values: Value[] = []
  const takers: { wants: (value: Value) => boolean; give: (value: Value) => void }[] = []
  return {
    push(value: Value) {
      const at = takers.findIndex((taker) => taker.wants(value))
      if (at < 0) values.push(value)
      else takers.splice(at, 1)[0]?.give(value)
    },
    next(wants: (value: Value) => boolean): Promise<Value> {
      const at = values.findIndex(wants)
      if (at >= 0) return Promise.resolve(values.splice(at, 1)[0] as Value)
      return new Promise((give) => takers.push({ wants, give }))
    },
  }
}

export const makeInvocation = (ordinal: number, fields: Partial<InvocationMessage> = {}): InvocationMessage => ({
  id: `inv-abc-${ordinal}-1`,
  executionId: 'exec-abc',
  extensionId: 'ext-abc',
  extensionName: 'demo',
  action: 'install',
  wanted: {
    version: 1,
    configuration: {
      id: 'c1',
      os: 'linux',
      arch: 'any',
      scripts: { install: 'true' },
      verify: [],
      run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' },
    },
    parameters: {},
    parametersDigest: 'a'.repeat(64),
  },
  ...fields,
})
