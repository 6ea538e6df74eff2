import { randomBytes } from 'node:crypto'
import type { WebSocket } from 'ws'
import type { Invocation } from '../../core/execution/invocation.ts'
import type { InstanceId, InvocationId } from '../../core/id.ts'
import type { OpenReconciliation } from '../../core/instance/reconcile-open.ts'
import { agentHeartbeatMs, maxHelloBytes } from '../../core/limits.ts'
import type { Clock, Timer } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import {
  type AgentMessage,
  agentMessageSchema,
  type Reconciliation,
  type ReportEntry,
  type ServerMessage,
  type InvocationMessage as WireInvocation,
} from '../../protocol/agent-messages.ts'
import { helloProof, renewKeyProof } from '../../protocol/agent-protocol.ts'
import { agentProtocolVersion, agentProtocolVersions, reconcilingVersion } from '../../protocol/versions.ts'
import type { ReportedInstanceDrift } from '../app/agent/apply-drift.ts'
import type { Hello, HelloAnswer } from '../app/agent/connect-agents.ts'
import type { AgentInventory } from '../app/agent/reconcile-agents.ts'
import type { KeyRenewalAnswer, ProvenKeyRenewal } from '../app/agent/renew-agent-key.ts'
import type { Report } from '../app/agent/report.ts'
import type { ArtifactAnswer, ArtifactUrlRequest } from '../app/artifact/find-artifact-url.ts'
import { InventoryPages } from './inventory-pages.ts'
import { toReport } from './to-report.ts'
import { TrustDelivery, type WorkWithTrust } from './trust-delivery.ts'

/** The gateway functions that a connection uses; each is batched over all connections. */
export interface ConnectionServices {
  connect(hello: Hello): Promise<HelloAnswer>
  /**
   * Makes the connection the current one of its instance; an older one of the same instance is
   * closed.
   */
  joined(connection: AgentConnection): void
  left(connection: AgentConnection): void
  /**
   * `version`: of the protocol that the agent speaks; `trust`: of its trust file. The answer has the
   * successor of this file, if there is one.
   */
  handOut(instanceId: InstanceId, version: number, trust: number | undefined): Promise<WorkWithTrust>
  /** Reconciles an inventory that arrived in pages after the hello. */
  reconcile(instanceId: InstanceId, inventory: AgentInventory): Promise<OpenReconciliation>
  /** Records that the agent still has these invocations waiting. */
  renewWaiting(instanceId: InstanceId, invocationIds: readonly InvocationId[]): Promise<void>
  artifactUrl(request: ArtifactUrlRequest): Promise<ArtifactAnswer>
  /** Resolves when the reports are durable. */
  report(reports: readonly Report[], sizeBytes: number): Promise<void>
  /**
   * Whether more was received, from this agent or in total, than may await its commit: reading is
   * then paused.
   */
  isFull(ownBytes: number): boolean
  facts(instanceId: InstanceId, facts: Hello['facts']): Promise<void>
  drift(drift: ReportedInstanceDrift): Promise<void>
  /** Interval of the agents' checks of installed extensions; undefined: none. */
  readonly driftCheckMs?: number | undefined
  renewKey(renewal: ProvenKeyRenewal): Promise<KeyRenewalAnswer>
  /** The retry delay for an agent that is refused because of a temporary failure. */
  suggestRetryMs(): number
  readonly clock: Clock
  readonly log: Logger
}

/**
 * A timer may fire early, and the database's clock decides: before the due time the query would
 * find nothing.
 */
const timerToleranceMs = 20
/** Limit of an agent's unacknowledged reports; an honest agent keeps to 8. */
const maxReportsUnderWay = 32
/**
 * Limit of concurrent URL requests; an honest agent requests those of the invocations that it runs,
 * which are four.
 */
const maxOpenRequests = 64
/**
 * Limit of unread data per agent. Work is handed out only as fast as the agent reads;
 * acknowledgements and pongs add little.
 */
const maxUnreadBytes = 16 * 1024 * 1024

/**
 * The life cycle of one connection on the server's side:
 *
 *   challenged ── hello with a valid signature ──► joined ── close ──► gone
 *       │                                             └─ invalid message, silence, or a newer
 *       │                                                connection ─► refused ─► gone
 *       └─ another message, silence ─► refused ─► gone
 *
 * A refused connection processes no more messages, not even those already received. Every message
 * is checked against its schema; an invalid one ends the connection, never the server.
 */
export class AgentConnection {
  readonly #socket: WebSocket
  readonly #services: ConnectionServices
  readonly #source: string
  readonly #nonce = randomBytes(24).toString('base64')
  #state: 'challenged' | 'authenticating' | 'joined' | 'refused' | 'gone' = 'challenged'
  #instanceId: InstanceId | undefined
  #lastMessageAt: number
  #reportsUnderWay = 0
  #bytesUnderWay = 0
  #durable: Promise<void> = Promise.resolve()
  #fetching = false
  #fetchAgain = false
  #retry: { readonly at: number; readonly timer: Timer } | undefined
  #newFacts: Hello['facts'] | undefined
  #notingFacts = false
  /** While one is being stored: the newest one. */
  #newDrift: ReportedInstanceDrift | undefined
  #ignoresMessages = false
  #version = 0
  readonly #trust = new TrustDelivery()
  readonly #pages = new InventoryPages()
  #openRequests = 0
  #answered: Promise<void> = Promise.resolve()

  /** @param source remote address */
  constructor(socket: WebSocket, services: ConnectionServices, source = '') {
    this.#socket = socket
    this.#source = source
    this.#services = services
    this.#lastMessageAt = services.clock.monotonicMs()
    socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary))
    socket.on('ping', () => this.#noteAlive())
    socket.on('close', () => this.#end())
    socket.on('error', (error) =>
      services.log.debug('an agent connection broke', { instanceId: this.#instanceId, error: String(error) }),
    )
    this.#send({ type: 'challenge', nonce: this.#nonce, version: agentProtocolVersion })
  }

  get instanceId(): InstanceId | undefined {
    return this.#instanceId
  }

  /** Whether a hello was received, valid or not. */
  get hasSentHello(): boolean {
    return this.#state !== 'challenged'
  }

  /**
   * Work is available for this instance: pushes it without a fetch, which saves a message in each
   * direction (measured: 1.5 to 2 times the tasks per second). If that fails, the agent gets a
   * signal to fetch and learns itself whether the server can answer.
   */
  nudge(): void {
    if (this.#state !== 'joined' || !this.#instanceId) return
    this.#handOut(this.#instanceId).catch((error) => {
      this.#services.log.warn('work could not be handed out', { instanceId: this.#instanceId, error: String(error) })
      this.#send({ type: 'nudge' })
    })
  }

  close(code: string, message: string, retry: boolean, retryInMs?: number): void {
    if (this.#state === 'refused' || this.#state === 'gone') return
    this.#send({ type: 'refused', code, message, retry, ...(retryInMs === undefined ? {} : { retryInMs }) })
    this.#state = 'refused'
    this.#ignoresMessages = true
    this.#socket.close(1000)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  /** Stops processing messages; those already accepted are still served and acknowledged. */
  stopReading(): void {
    this.#ignoresMessages = true
  }

  /**
   * Closes a connection that was silent for three heartbeats, and one that has not joined within
   * that time.
   */
  checkSilence(): void {
    if (this.#services.clock.monotonicMs() - this.#lastMessageAt > 3 * agentHeartbeatMs) this.terminate()
  }

  #send(message: ServerMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  /**
   * Resolves when the message was written to the socket: an agent that does not read is handed out
   * nothing more. The core type equals the schema's except for `readonly`; a test compares the two.
   */
  #sendInvocation(invocation: Invocation): Promise<void> {
    const message: ServerMessage = { type: 'invocations', invocations: [invocation as unknown as WireInvocation] }
    return new Promise((resolve) => {
      if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message), () => resolve())
      else resolve()
    })
  }

  #end(): void {
    this.#state = 'gone'
    this.#retry?.timer.cancel()
    if (this.#instanceId) this.#services.left(this)
  }

  /**
   * Only a joined connection is kept alive by its messages: without a valid key it cannot occupy a
   * place.
   */
  #noteAlive(): void {
    if (this.#state === 'joined') this.#lastMessageAt = this.#services.clock.monotonicMs()
    // The agent sends messages and does not read the responses.
    if (this.#socket.bufferedAmount > maxUnreadBytes) this.terminate()
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#ignoresMessages) return
    this.#noteAlive()
    // Little is read from an unauthenticated peer.
    const isTooLong = this.#state === 'challenged' && data.length > maxHelloBytes
    const message = isBinary || isTooLong ? undefined : parseMessage(data)
    if (!message) return this.close('MessageInvalid', 'The message does not fit the agent protocol.', true)
    this.#take(message, data.length).catch((error) => {
      // Nothing was acknowledged: the agent sends the message again on its next connection, when
      // the cause may be resolved.
      this.#services.log.warn('an agent message could not be served', {
        instanceId: this.#instanceId,
        type: message.type,
        error: String(error),
      })
      this.close('ServerBusy', 'The server cannot take this now.', true, this.#services.suggestRetryMs())
    })
  }

  async #take(message: AgentMessage, sizeBytes: number): Promise<void> {
    if (message.type === 'hello') return this.#connect(message)
    const instanceId = this.#instanceId
    if (this.#state !== 'joined' || !instanceId) return this.close('HelloExpected', 'Say hello first.', true)
    switch (message.type) {
      case 'fetch':
        return this.#handOut(instanceId)
      case 'report':
        return this.#report(instanceId, message.id, message.entries, sizeBytes)
      case 'facts':
        return this.#noteFacts(instanceId, message.facts)
      case 'drift':
        return this.#noteDrift({ instanceId, entries: message.entries })
      case 'renewKey':
        return this.#renewKey(instanceId, message)
      case 'inventory':
        return this.#takePage(instanceId, message)
      case 'waiting':
        return this.#services.renewWaiting(instanceId, message.invocationIds as InvocationId[])
      case 'artifactUrl':
        return this.#findArtifactUrl(instanceId, message.invocationId as InvocationId, message.sha256)
    }
  }

  async #connect(message: Extract<AgentMessage, { type: 'hello' }>): Promise<void> {
    if (this.#state !== 'challenged') return this.close('HelloUnexpected', 'Hello was said before.', true)
    if (!agentProtocolVersions.some(({ version }) => version === message.protocolVersion)) {
      const known = agentProtocolVersions.map(({ version }) => version).join(', ')
      return this.close(
        'ProtocolVersionUnsupported',
        `This server speaks agent protocol ${known}, not ${message.protocolVersion}.`,
        false,
      )
    }
    this.#state = 'authenticating'
    this.#version = message.protocolVersion
    const inventory = this.#pages.add(message, this.#version)
    if (inventory === 'tooLarge') return this.close('InventoryTooLarge', inventoryTooLarge, true)
    const answer = await this.#services.connect({
      instanceId: message.instanceId as InstanceId,
      proof: helloProof(message.instanceId, this.#nonce),
      signature: message.signature,
      facts: message.facts,
      // A new agent that sends no fingerprint differs from an agent that is too old to send one.
      fingerprint: this.#version >= reconcilingVersion ? (message.fingerprint ?? {}) : undefined,
      run: message.run,
      source: this.#source,
      inventory,
    })
    if ((this.#state as string) !== 'authenticating') return
    if ('refused' in answer)
      return this.close(answer.refused, helloRefusals[answer.refused], answer.refused === 'InstanceQuarantined')
    this.#state = 'joined'
    this.#trust.version = message.facts.trust?.version
    this.#instanceId = message.instanceId as InstanceId
    this.#services.joined(this)
    const { reconciliation } = answer
    const reconciles = this.#version >= reconcilingVersion
    const { driftCheckMs } = this.#services
    this.#send({
      type: 'welcome',
      serverTime: this.#services.clock.now(),
      heartbeatMs: agentHeartbeatMs,
      renewKeyInMs: Math.round(answer.renewKeyInMs),
      ...(driftCheckMs !== undefined && { driftCheckMs }),
      ...(reconciles && reconciliation ? { reconciliation: toWire(reconciliation) } : {}),
    })
    const cancelled = reconciliation?.cancelled ?? []
    if (!reconciles && cancelled.length > 0) this.#send({ type: 'cancel', invocationIds: [...cancelled] })
  }

  /** Processes a further page of the hello; the last page gets the response. */
  async #takePage(instanceId: InstanceId, page: Extract<AgentMessage, { type: 'inventory' }>): Promise<void> {
    const inventory = this.#pages.add(page, this.#version)
    if (inventory === 'tooLarge') return this.close('InventoryTooLarge', inventoryTooLarge, true)
    if (inventory === undefined) return
    const reconciliation = await this.#services.reconcile(instanceId, inventory)
    this.#send({ type: 'reconciled', reconciliation: toWire(reconciliation) })
  }

  /** Serves one at a time; further requests of the agent wait. */
  #findArtifactUrl(instanceId: InstanceId, invocationId: InvocationId, sha256: string): Promise<void> {
    if (this.#openRequests >= maxOpenRequests) {
      this.close('QuestionsTooMany', 'Wait for addresses to be answered.', true)
      return Promise.resolve()
    }
    this.#openRequests += 1
    this.#answered = this.#answered.then(async () => {
      const answer = await this.#services.artifactUrl({ instanceId, invocationId, sha256 })
      this.#openRequests -= 1
      this.#send({ type: 'artifactUrl', invocationId, sha256, ...answer })
    })
    return this.#answered
  }

  async #renewKey(instanceId: InstanceId, message: Extract<AgentMessage, { type: 'renewKey' }>): Promise<void> {
    const answer = await this.#services.renewKey({
      instanceId,
      proof: renewKeyProof(instanceId, this.#nonce, message.publicKey),
      publicKey: Buffer.from(message.publicKey, 'base64'),
      signature: Buffer.from(message.signature, 'base64'),
      newSignature: Buffer.from(message.newSignature, 'base64'),
      source: this.#source,
    })
    if ('refused' in answer)
      return this.close(answer.refused, 'The signatures do not prove the key of this instance and the new one.', true)
    // A temporary refusal (a quarantined instance, say): the agent retries later.
    if (!answer.isRenewed) return
    this.#send({ type: 'keyRenewed', renewKeyInMs: answer.renewKeyInMs })
  }

  /** Runs one hand-out at a time: a fetch that arrives meanwhile triggers one more. */
  async #handOut(instanceId: InstanceId): Promise<void> {
    this.#fetchAgain = this.#fetching
    if (this.#fetching) return
    this.#fetching = true
    try {
      do {
        this.#fetchAgain = false
        const answer = await this.#services.handOut(instanceId, this.#version, this.#trust.version)
        const { invocations, cancelled, retryInMs } = answer
        // Before the work that it may be needed for.
        this.#trust.deliver(answer.trustFile, (message) => this.#send(message))
        if (retryInMs !== undefined) this.#planRetry(retryInMs)
        // One message each, because a configuration may be large. An empty response tells the agent
        // that its fetch was served.
        if (invocations.length === 0) this.#send({ type: 'invocations', invocations: [] })
        for (const invocation of invocations) await this.#sendInvocation(invocation)
        if (cancelled.length > 0) this.#send({ type: 'cancel', invocationIds: [...cancelled] })
      } while (this.#fetchAgain)
    } finally {
      this.#fetching = false
    }
  }

  /**
   * Sets one timer for the earliest retry. If it is lost with the connection, the gateway's watch
   * finds the work.
   */
  #planRetry(inMs: number): void {
    const { clock } = this.#services
    const delayMs = inMs + timerToleranceMs
    const at = clock.monotonicMs() + delayMs
    if (this.#state !== 'joined' || (this.#retry && this.#retry.at <= at)) return
    this.#retry?.timer.cancel()
    const fire = () => {
      this.#retry = undefined
      this.nudge()
    }
    this.#retry = { at, timer: clock.setTimeout(fire, delayMs, { unref: true }) }
  }

  /**
   * Stores facts one at a time, always the newest: facts that were replaced meanwhile are skipped.
   */
  async #noteFacts(instanceId: InstanceId, facts: Hello['facts']): Promise<void> {
    this.#newFacts = facts
    this.#trust.version = facts.trust?.version
    if (this.#notingFacts) return
    this.#notingFacts = true
    try {
      while (this.#newFacts) {
        const newest = this.#newFacts
        this.#newFacts = undefined
        await this.#services.facts(instanceId, newest)
      }
    } finally {
      this.#notingFacts = false
    }
  }

  /** Stores one report of drift at a time, always the newest: each has everything that has drifted. */
  async #noteDrift(drift: ReportedInstanceDrift): Promise<void> {
    const isStoring = this.#newDrift !== undefined
    this.#newDrift = drift
    if (isStoring) return
    try {
      for (let stored: ReportedInstanceDrift | undefined; stored !== this.#newDrift; ) {
        stored = this.#newDrift
        if (stored) await this.#services.drift(stored)
      }
    } finally {
      this.#newDrift = undefined
    }
  }

  async #report(instanceId: InstanceId, id: number, entries: readonly ReportEntry[], sizeBytes: number): Promise<void> {
    if (this.#reportsUnderWay >= maxReportsUnderWay)
      return this.close('ReportsTooMany', 'Wait for reports to be acknowledged.', true)
    this.#reportsUnderWay += 1
    this.#bytesUnderWay += sizeBytes
    const durable = this.#services.report(
      entries.map((entry) => toReport(instanceId, entry)),
      sizeBytes,
    )
    if (this.#services.isFull(this.#bytesUnderWay)) this.#socket.pause()
    // An ack covers every report up to its number: it waits for the earlier ones and is never sent
    // after one that failed.
    this.#durable = afterBoth(this.#durable, durable)
    await this.#durable
    this.#reportsUnderWay -= 1
    this.#bytesUnderWay -= sizeBytes
    if (this.#socket.isPaused) this.#socket.resume()
    this.#send({ type: 'ack', upTo: id })
  }
}

/**
 * Resolves without a value: a chain of values, each referencing the previous, would grow for as
 * long as the agent stays connected.
 */
async function afterBoth(earlier: Promise<void>, own: Promise<void>): Promise<void> {
  await Promise.all([earlier, own])
}

const inventoryTooLarge = 'The agent names more open invocations than an instance can have.'

const toWire = ({ cancelled, over, wanted }: OpenReconciliation): Reconciliation => ({
  cancelled: [...cancelled],
  over: [...over],
  wanted: [...wanted],
})

/** Why an agent is refused after its hello. */
export const helloRefusals = {
  InstanceUnknown: 'This instance is not known here. Enrol it again with a join token.',
  InstanceRemoved: 'This instance was removed here. Enrol it again with a join token.',
  SignatureWrong: 'The signature does not prove that this agent holds the key of its instance.',
  InstanceQuarantined:
    'This is not the machine, or not the key, that the server knows. An operator has to release the instance (chandler instance release) or remove it.',
} as const

function parseMessage(data: Buffer): AgentMessage | undefined {
  try {
    const parsed = agentMessageSchema.safeParse(JSON.parse(data.toString('utf8')))
    return parsed.success ? parsed.data : undefined
  } catch (error) {
    // RangeError: too deeply nested. This runs in the socket's callback, where an exception would
    // end the process.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}
