import { checkMove } from '../../core/execution/moves.ts'
import { maxOpenPerMessage } from '../../core/limits.ts'
import { type Backoff, backoffDelayMs } from '../../lib/backoff.ts'
import type { Clock, Timer } from '../../lib/clock.ts'
import type { AgentMessage, InvocationMessage, ServerMessage } from '../../protocol/agent-messages.ts'
import { agentProtocolVersion, namelessVersion, reconcilingVersion } from '../../protocol/versions.ts'
import type { AddressRequest } from '../artifact/artifact-addresses.ts'
import type { WireFacts } from '../facts/fit-facts.ts'
import type { AgentKeys } from './agent-keys.ts'
import { type ConnectionState, connectionMoves } from './connection-state.ts'
import { Fetches } from './fetches.ts'
import { type Greeter, makeHello } from './hello.ts'
import type { InventoryPage } from './inventory.ts'
import { KeyRenewal } from './key-renewal.ts'
import { type Fault, type Link, openLink } from './link.ts'
import type { Network } from './network.ts'
import { ReportSender } from './report-sender.ts'

export type ConnectionEnd =
  | { readonly kind: 'stopped'; readonly unsentReports: boolean }
  /** An operator has removed this instance at the server. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }

export interface ConnectionOptions extends Greeter {
  /** `http://host:port` or `https://…`, optionally with a base path. */
  readonly server: string
  /** Absent: the key is never renewed (simulated instances). */
  readonly renewal?: Omit<AgentKeys, 'sign'>
  /** Trusted CAs and proxies; absent: the defaults of Node.js. */
  readonly network?: Network
  readonly clock: Clock
  /** In [0, 1), like Math.random. */
  readonly random: () => number
  readonly onOnline?: () => void
  readonly onOffline?: () => void
  /** The server has a successor of the trust file. */
  readonly onTrustFile?: (file: { readonly content: string; readonly signatures: readonly string[] }) => void
}

/**
 * The first retry happens within a second, with full jitter, also when a whole fleet loses its
 * server at once.
 */
const backoff: Backoff = { baseMs: 1_000, maxMs: 60_000 }
/**
 * After a protocol error the agent retries less eagerly than after a lost connection: within 32 s
 * at first.
 */
const unreadableAttempt = 5
/**
 * A server that cannot accept an agent now (its database is unavailable) usually recovers within
 * seconds, and sets the first delay itself, so that retries do not overload it. Half of a delay is
 * random.
 */
const busyBackoff: Backoff = { baseMs: 1_000, maxMs: 5_000, jitter: 0.5 }
/** Upper bound of a delay that a server sets. */
const maxSuggestedMs = 60_000
/**
 * After such a refusal, an immediate reconnect is what keeps two agents with one identity from
 * working, or what only an operator can fix.
 */
const slowRefusals = ['ConnectedElsewhere', 'InstanceQuarantined']
/** The decision of an operator about this instance, which ends the agent. */
const finalRefusal = 'InstanceRemoved'
/**
 * Other refusals that a retry alone does not change: the server does not know the instance, or its
 * key. An operator may have restored an old backup, or the name of the server may lead elsewhere:
 * agents that ended would have to be started again one by one.
 */
const refusedBackoff: Backoff = { baseMs: 120_000, maxMs: 3_600_000, jitter: 0.5 }
/**
 * Timeout of each step from the opened socket to the welcome: a server that accepts a whole fleet
 * at once may be slow.
 */
const welcomeTimeoutMs = 30_000
/** The peer counts as dead after this many silent heartbeats. */
const silentHeartbeats = 2
/**
 * The server itself looks for work that no agent took; the agent fetches this rarely, in case that
 * fails too.
 */
const lookHeartbeats = 10
/**
 * After this many heartbeats without an acknowledgement, the agent resends reports on a new
 * connection.
 */
const patientHeartbeats = 4
/** Bounds of the ping interval, whatever the server requests. */
const minHeartbeatMs = 50
const maxHeartbeatMs = 600_000
/** Beyond this difference, times in logs mislead, and TLS starts to fail. */
const tolerableSkewMs = 120_000
export class ConnectionToServer {
  readonly #options: ConnectionOptions
  #state: ConnectionState = 'idle'
  #link: Link | undefined
  #reports: ReportSender | undefined
  /** The single timer of the state: backoff, greeting, heartbeat or drain. */
  #timer: Timer | undefined
  readonly #renewal: KeyRenewal | undefined
  #attempt = 0
  /** Consecutive attempts since a connection lasted for a heartbeat. */
  #refusals = 0
  /** The server does not accept the identity. */
  #isRefused = false
  #identityRefusals = 0
  /** The same for busy servers. */
  #busyRefusals = 0
  /** Reconnect delay of a busy server, for the link that is closing. */
  #busy: Backoff | undefined
  #heartbeatMs = 0
  #beatCount = 0
  #lastMessageAt = 0
  #acknowledgedAt = 0
  readonly #fetches: Fetches
  #flushPlanned = false
  #refusal: ConnectionEnd | undefined
  /** The newest version that both sides support; of this link. */
  #version: number = namelessVersion
  /** Pages of the inventory that follow the welcome. */
  #pages: InventoryPage[] = []
  readonly #end = Promise.withResolvers<ConnectionEnd>()

  constructor(options: ConnectionOptions) {
    this.#options = options
    const { renewal: keys, clock, log } = options
    this.#fetches = new Fetches(clock, () => this.#send({ type: 'fetch' }))
    if (keys) this.#renewal = new KeyRenewal({ keys, clock, log, send: (message) => this.#send(message) })
    options.worker.onReport(() => this.#planFlush())
    options.worker.drift?.onReport((entries) => {
      if (this.#state === 'online') this.#send({ type: 'drift', entries })
      return this.#state === 'online'
    })
    options.worker.addresses?.onRequest((request) => {
      // The next welcome repeats a request that was made in between.
      if (this.#state === 'online') this.#ask(request)
    })
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** Resolves when the connection has ended permanently. */
  get ended(): Promise<ConnectionEnd> {
    return this.#end.promise
  }

  start(): void {
    this.#connect()
  }

  /** Sends facts that changed since hello; without a connection, the next hello contains them. */
  sendFacts(facts: WireFacts): void {
    if (this.#state === 'online') this.#send({ type: 'facts', facts })
  }

  /** Takes no more work, drains the reports, then ends; at the latest after `patienceMs`. */
  stop(patienceMs: number): Promise<ConnectionEnd> {
    if (this.#state === 'online') {
      this.#move('draining')
      this.#setTimer(patienceMs, () => this.#finish())
      this.#flush()
    } else if (this.#state !== 'draining' && this.#state !== 'ended') this.#finish()
    return this.ended
  }

  #move(to: ConnectionState): void {
    checkMove('connection', connectionMoves, this.#state, to)
    const wasOnline = this.#state === 'online'
    this.#state = to
    this.#timer?.cancel()
    this.#timer = undefined
    this.#renewal?.cancel()
    if (wasOnline) this.#options.onOffline?.()
  }

  #setTimer(delayMs: number, callback: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#options.clock.setTimeout(callback, delayMs)
  }

  // ── connecting ──

  #connect(): void {
    this.#move('connecting')
    this.#refusal = undefined
    this.#busy = undefined
    this.#isRefused = false
    const events = {
      onOpen: () => this.#opened(),
      onMessage: (message: ServerMessage) => this.#received(message),
      onAlive: () => this.#noteMessage(),
      onClosed: (reason: string, fault: Fault) => this.#closed(reason, fault),
    }
    this.#link = openLink(this.#options.server, events, this.#options.network)
  }

  #opened(): void {
    if (this.#state !== 'connecting') return
    this.#move('greeting')
    this.#awaitWelcome()
  }

  #awaitWelcome(): void {
    this.#setTimer(welcomeTimeoutMs, () => this.#link?.terminate('the server did not welcome this agent in time'))
  }

  #closed(reason: string, fault: Fault): void {
    this.#link = undefined
    if (this.#reports !== undefined) this.#options.worker.rewind()
    this.#reports = undefined
    if (this.#state === 'ended') return
    if (this.#refusal !== undefined || this.#state === 'draining') return this.#finish()
    if (fault === 'protocol') this.#attempt = Math.max(this.#attempt, unreadableAttempt)
    const { server, log, random } = this.#options
    const delayMs = this.#isRefused
      ? backoffDelayMs(refusedBackoff, this.#identityRefusals++, random)
      : this.#busy
        ? backoffDelayMs(this.#busy, this.#busyRefusals++, random)
        : backoffDelayMs(backoff, this.#attempt++, random)
    log.warn(`no connection to ${server}: ${reason}; trying again in ${(delayMs / 1_000).toFixed(1)} s`)
    this.#move('waiting')
    this.#setTimer(delayMs, () => this.#connect())
  }

  #finish(): void {
    const unsentReports = this.#reports !== undefined && !this.#reports.isSettled
    this.#move('ended')
    // A link that is not open yet needs no close handshake.
    this.#link?.close()
    this.#end.resolve(this.#refusal ?? { kind: 'stopped', unsentReports })
  }

  // ── messages ──

  #received(message: ServerMessage): void {
    if (this.#state === 'ended') return
    this.#noteMessage()
    const wrong = this.#handle(message)
    if (wrong !== undefined) this.#link?.terminate(`the server ${wrong}`, 'protocol')
  }

  /** @returns what is wrong with the message, or undefined */
  #handle(message: ServerMessage): string | undefined {
    const state = this.#state
    const isWelcomed = state === 'online' || state === 'draining'
    switch (message.type) {
      case 'challenge':
        return state === 'greeting' ? this.#hello(message) : unexpected(message, state)
      case 'welcome':
        return state === 'proving' ? this.#welcome(message) : unexpected(message, state)
      case 'nudge':
        if (state === 'online') this.#fetches.request()
        return undefined
      case 'invocations':
        return isWelcomed ? this.#takeWork(message.invocations) : unexpected(message, state)
      case 'cancel':
        if (!isWelcomed) return unexpected(message, state)
        for (const id of message.invocationIds) this.#options.worker.cancel(id)
        return undefined
      case 'trustFile':
        if (isWelcomed) this.#options.onTrustFile?.(message)
        return undefined
      case 'keyRenewed':
        return isWelcomed ? this.#keyRenewed(message.renewKeyInMs) : unexpected(message, state)
      case 'reconciled':
        if (!isWelcomed) return unexpected(message, state)
        this.#options.worker.reconcile(message.reconciliation)
        return undefined
      case 'artifactUrl':
        this.#options.worker.addresses?.answer(message)
        return undefined
      case 'ack':
        return this.#acknowledge(message.upTo)
      case 'refused':
        return this.#refused(message)
    }
  }

  #hello({ nonce, version = namelessVersion }: Extract<ServerMessage, { type: 'challenge' }>): undefined {
    this.#renewal?.challenged(nonce)
    this.#version = Math.min(version, agentProtocolVersion)
    const { hello, pages } = makeHello(this.#options, nonce, this.#version)
    this.#pages = pages
    this.#send(hello)
    this.#move('proving')
    this.#awaitWelcome()
  }

  #welcome({
    heartbeatMs,
    serverTime,
    reconciliation,
    renewKeyInMs,
    driftCheckMs,
  }: Extract<ServerMessage, { type: 'welcome' }>): undefined {
    const { clock, log, server, worker } = this.#options
    // Before any other message of this connection: cancelled invocations must not start in the
    // meantime.
    if (reconciliation) worker.reconcile(reconciliation)
    this.#move('online')
    this.#attempt = 0
    this.#heartbeatMs = Math.min(maxHeartbeatMs, Math.max(minHeartbeatMs, heartbeatMs))
    this.#acknowledgedAt = clock.monotonicMs()
    this.#fetches.reset()
    this.#reports = new ReportSender(worker, this.#version, (message) => this.#send(message))
    this.#planBeat()
    this.#renewal?.accepted(renewKeyInMs)
    worker.drift?.connected(driftCheckMs)
    log.info(`connected to ${server}`)
    const skewMs = clock.now() - serverTime
    if (Math.abs(skewMs) > tolerableSkewMs)
      log.warn(
        `the clock of this instance is ${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the server's: times it reports will look wrong; set up NTP`,
      )
    for (const request of worker.addresses?.open() ?? []) this.#ask(request)
    for (const page of this.#pages.splice(0)) this.#send({ type: 'inventory', ...page })
    this.#fetches.request()
    this.#flush()
    this.#options.onOnline?.()
  }

  #refused({ code, message, retry, retryInMs }: Extract<ServerMessage, { type: 'refused' }>): undefined {
    const hasOtherKey = code === 'SignatureWrong' && this.#options.renewal?.tryOther() === true
    if (code === finalRefusal) this.#refusal = { kind: 'refused', code, message }
    if (!retry && !hasOtherKey && code !== finalRefusal) {
      this.#isRefused = true
      this.#options.log.error(
        `${this.#options.server} does not accept the identity of this instance: ${message} (${code}). The agent retries with delays of up to an hour. To enrol this machine again, remove the state directory of the agent and install it with a join token`,
      )
    } else if (code === 'ServerBusy') {
      const baseMs = Math.min(retryInMs ?? busyBackoff.baseMs, maxSuggestedMs)
      this.#busy = { ...busyBackoff, baseMs, maxMs: Math.max(baseMs, busyBackoff.maxMs) }
    } else this.#attempt = Math.max(this.#attempt, slowRefusals.includes(code) ? unreadableAttempt : this.#refusals++)
    this.#link?.terminate(`the server refused this agent: ${message} (${code})`)
  }

  #keyRenewed(renewKeyInMs: number): undefined {
    this.#renewal?.renewed(renewKeyInMs)
  }

  // ── work ──

  #takeWork(invocations: readonly InvocationMessage[]): undefined {
    this.#fetches.answered(this.#state === 'online')
    if (this.#state !== 'online') return
    for (const invocation of invocations) {
      this.#options.worker.offer(invocation).catch((error: unknown) => {
        // The server hands it out again at the next fetch, or fails the task at its delivery
        // timeout.
        this.#options.log.error(`cannot take invocation ${invocation.id}`, { error })
      })
    }
  }

  // ── reports ──

  /**
   * Reports of one turn of the event loop share a message; an idle connection sends it in that same
   * turn.
   */
  #planFlush(): void {
    if (this.#flushPlanned || this.#reports === undefined) return
    this.#flushPlanned = true
    setImmediate(() => {
      this.#flushPlanned = false
      this.#flush()
    })
  }

  #flush(): void {
    const { clock } = this.#options
    if (this.#reports?.isSettled) this.#acknowledgedAt = clock.monotonicMs()
    this.#reports?.flush()
    if (this.#state === 'draining' && this.#reports?.isSettled) this.#finish()
  }

  #acknowledge(upTo: number): string | undefined {
    if (this.#reports === undefined) return 'acknowledged reports before its welcome'
    const wrong = this.#reports.acknowledge(upTo)
    if (wrong !== undefined) return wrong
    this.#acknowledgedAt = this.#options.clock.monotonicMs()
    this.#flush()
    return undefined
  }

  // ── heartbeat ──

  #noteMessage(): void {
    this.#lastMessageAt = this.#options.clock.monotonicMs()
  }

  #planBeat(): void {
    this.#setTimer(this.#heartbeatMs * (0.75 + 0.25 * this.#options.random()), () => this.#beat())
  }

  #beat(): void {
    const now = this.#options.clock.monotonicMs()
    const isOverdue = (sinceAt: number, heartbeats: number) => now - sinceAt > heartbeats * this.#heartbeatMs
    if (isOverdue(this.#lastMessageAt, silentHeartbeats))
      return this.#link?.terminate(`no word from the server for ${Math.round((now - this.#lastMessageAt) / 1_000)} s`)
    if (this.#reports?.isSettled === false && isOverdue(this.#acknowledgedAt, patientHeartbeats))
      return this.#link?.terminate('the server does not acknowledge reports')
    // The connection has lasted.
    this.#refusals = 0
    this.#identityRefusals = 0
    this.#busyRefusals = 0
    this.#link?.ping()
    this.#sayWaiting()
    this.#fetches.forgetAfter(this.#heartbeatMs)
    this.#beatCount += 1
    if (!this.#fetches.isWaiting && this.#beatCount % lookHeartbeats === 0) this.#fetches.request()
    this.#planBeat()
  }

  /** The server extends the delivery timeout of invocations that wait here. */
  #sayWaiting(): void {
    if (this.#version < reconcilingVersion) return
    const waiting = this.#options.worker.waiting()
    for (let from = 0; from < waiting.length; from += maxOpenPerMessage)
      this.#send({ type: 'waiting', invocationIds: waiting.slice(from, from + maxOpenPerMessage) })
  }

  // ── URLs of artifacts ──

  #ask(request: AddressRequest): void {
    if (this.#version >= reconcilingVersion) this.#send({ type: 'artifactUrl', ...request })
    else
      this.#options.worker.addresses?.answer({
        ...request,
        refused: 'The address of the artifact has expired, and this server gives no fresh ones. Update the server.',
      })
  }

  #send(message: AgentMessage): void {
    this.#link?.send(message)
  }
}

const unexpected = (message: ServerMessage, state: ConnectionState) =>
  `sent ${message.type} to an agent that is ${state}`
