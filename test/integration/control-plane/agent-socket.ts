import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { once } from 'node:events'
import WebSocket from 'ws'
import type { InstanceId } from '../../../src/core/id.ts'
import type { Fingerprint } from '../../../src/core/instance/agent-identity.ts'
import type { ServerMessage } from '../../../src/protocol/agent-messages.ts'
import { agentPaths, helloProof, renewKeyProof } from '../../../src/protocol/agent-protocol.ts'
import { makeFacts } from '../../make-instance.ts'

/**
 * A raw client connection that sends whatever a test wants, including what no honest agent would.
 */
export interface AgentSocket {
  readonly socket: WebSocket
  /** All messages from the server. */
  readonly received: ServerMessage[]
  /** Sends text unchanged, anything else as JSON. */
  say(message: unknown): void
  /** The next message of a type that no earlier call has returned. */
  next<Type extends ServerMessage['type']>(type: Type): Promise<Extract<ServerMessage, { type: Type }>>
  /** Resolves when the connection has closed. */
  readonly closed: Promise<void>
}

export async function openAgentSocket(url: string): Promise<AgentSocket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws') + agentPaths.connect, { perMessageDeflate: false })
  const received: ServerMessage[] = []
  const fresh: ServerMessage[] = []
  const waiting = new Set<() => void>()
  const closed = once(socket, 'close').then(() => undefined)
  socket.on('message', (data) => {
    const message = JSON.parse((data as Buffer).toString('utf8')) as ServerMessage
    received.push(message)
    fresh.push(message)
    for (const look of waiting) look()
  })
  socket.on('error', () => {
    // The test requests a message type that it expects.
  })
  const agent: AgentSocket = {
    socket,
    received,
    closed,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: (type) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const index = fresh.findIndex((message) => message.type === type)
          if (index < 0) return
          waiting.delete(look)
          resolve(fresh.splice(index, 1)[0] as never)
        }
        waiting.add(look)
        look()
        void closed.then(() => reject(new Error(`closed before ${type}; heard ${JSON.stringify(received)}`)))
      }),
  }
  await once(socket, 'open')
  return agent
}

export interface AgentKey {
  readonly instanceId: InstanceId
  readonly privateKey: KeyObject
}

/** A key pair, and the stored form of an instance's public key (raw). */
export function makeAgentKey(): { privateKey: KeyObject; rawPublicKey: Buffer } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return { privateKey, rawPublicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32) }
}

export async function sayHello(
  agent: AgentSocket,
  { instanceId, privateKey }: AgentKey,
  {
    facts = makeFacts() as unknown,
    open = [] as string[],
    protocolVersion = 1,
    ...identity
  }: {
    facts?: unknown
    open?: string[]
    protocolVersion?: number
    fingerprint?: Fingerprint | undefined
    run?: string | undefined
    /** Extension records in the form of the protocol. */
    installed?: readonly unknown[]
  } = {},
): Promise<string> {
  const { nonce } = await agent.next('challenge')
  const signature = sign(null, Buffer.from(helloProof(instanceId, nonce)), privateKey).toString('base64')
  agent.say({ type: 'hello', protocolVersion, instanceId, signature, facts, open, ...identity })
  return nonce
}

export const rawPublicKeyOf = (key: KeyObject) =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)

/** @param signer the key that signs in place of the new key */
export function sayRenewKey(
  agent: AgentSocket,
  nonce: string,
  { instanceId, privateKey }: AgentKey,
  next: KeyObject,
  signer = next,
): void {
  const publicKey = rawPublicKeyOf(next).toString('base64')
  const signWith = (key: KeyObject) =>
    sign(null, Buffer.from(renewKeyProof(instanceId, nonce, publicKey)), key).toString('base64')
  agent.say({ type: 'renewKey', publicKey, signature: signWith(privateKey), newSignature: signWith(signer) })
}
