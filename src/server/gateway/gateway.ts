import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { InstanceId, ServerId } from '../../core/id.ts'
import type { OpenReconciliation } from '../../core/instance/reconcile-open.ts'
import { refusalWindowMs, suggestRetryMs } from '../../core/instance/suggest-retry.ts'
import {
  agentHeartbeatMs,
  helloTimeoutMs,
  maxAgentMessageBytes,
  maxAgentsPerReplica,
  maxUnprovenAgents,
  maxUnprovenAgentsPerAddress,
  unprovenGraceMs,
} from '../../core/limits.ts'
import { createBatcher } from '../../lib/batcher.ts'
import { groupOfAddress } from '../../lib/peer/address.ts'
import { createPeerReader, type PeerRequest } from '../../lib/peer/read-peer.ts'
import { createUnprovenPool } from '../../lib/peer/unproven-pool.ts'
import { createRecentCount } from '../../lib/recent-count.ts'
import { agentPaths } from '../../protocol/agent-protocol.ts'
import { signatureVersion } from '../../protocol/versions.ts'
import { applyDrift, type ReportedInstanceDrift } from '../app/agent/apply-drift.ts'
import { applyReports } from '../app/agent/apply-reports.ts'
import { connectAgents, disconnectAgents, type Hello, updateFacts } from '../app/agent/connect-agents.ts'
import { findForgottenInstances, handOutWork, type Work } from '../app/agent/hand-out-invocations.ts'
import { type InventoryOf, reconcileAgents } from '../app/agent/reconcile-agents.ts'
import { renewAgentKey } from '../app/agent/renew-agent-key.ts'
import type { Report } from '../app/agent/report.ts'
import { findArtifactUrl } from '../app/artifact/find-artifact-url.ts'
import type { AppContext } from '../app/context.ts'
import { isOneItemsFault } from '../app/execution/explain-fault.ts'
import { renewWaiting } from '../app/execution/renew-waiting.ts'
import { findTrustSuccessors } from '../app/trust/trust-files.ts'
import { AgentConnection, type ConnectionServices, helloRefusals } from './agent-connection.ts'

/** The connections of agents to this server. */
export interface Gateway {
  /** Accepts agent connections on this HTTP server. */
  attach(server: Server): void
  /** Wakes those of these agents that are connected to this server; returns the others. */
  nudge(instanceIds: readonly InstanceId[]): InstanceId[]
  /**
   * Disconnects those of these agents that are connected to this server, because their instances
   * were removed.
   */
  disconnect(instanceIds: readonly InstanceId[]): void
  /**
   * Requests a new hello from those of these agents that are connected to this server, because
   * their instances were approved or released.
   */
  reconnect(instanceIds: readonly InstanceId[]): void
  stats(): GatewayStats
  /** Stops accepting messages, commits what was received and closes all connections. */
  close(): Promise<void>
}

/** The connections and queues of this server at one moment. */
export interface GatewayStats {
  readonly connectedAgents: number
  /** Connections whose agents are not authenticated yet. */
  readonly unprovenConnections: number
  /** Items that wait for their batch or are in it, by queue. */
  readonly queues: Readonly<Record<string, number>>
  /** Received bytes of reports that are not committed yet. */
  readonly uncommittedBytes: number
}

/** Reports per transaction: enough to share its cost, few enough to keep the wait short. */
const maxReportsPerBatch = 1_000
/**
 * The same limit in report entries, of which a report may contain 256: bounds the delay that a
 * flooding agent causes for others.
 */
const maxEntriesPerBatch = 4_000
const maxAgentsPerBatch = 500
/**
 * Limit of received bytes that await their commit, over all agents; beyond it the server pauses
 * reading until they are durable.
 */
const maxBytesUnderWay = 64 * 1024 * 1024

/**
 * The same limit for one agent: a few flooding agents cannot use up the shared limit. An honest
 * agent waits for no more than a commit.
 */
const maxBytesPerAgent = 1024 * 1024

/**
 * An agent that has not answered a goodbye within this time is disconnected, so that a broken
 * network does not delay the stop.
 */
const goodbyeMs = 1_000

interface Fetching {
  readonly id: InstanceId
  /** Of the protocol. */
  readonly version: number
  /** Version of its trust file, if it has one. */
  readonly trust: number | undefined
}

/** The place of a socket whose agent is not authenticated yet. */
interface Place {
  readonly socket: Duplex
  connection?: AgentConnection
}

/**
 * Moves rows to agents and reports into rows, in batches over all connections: under load one
 * statement serves hundreds of agents.
 */
export function createGateway(context: AppContext, serverId: ServerId, peers = createPeerReader()): Gateway {
  const { clock, log } = context
  const connections = new Map<InstanceId, AgentConnection>()
  const all = new Set<AgentConnection>()
  /** Unauthenticated connections have a pool of their own and take no places of instances. */
  const unproven = createUnprovenPool<Place>({
    maxItems: maxUnprovenAgents,
    maxPerGroup: maxUnprovenAgentsPerAddress,
    graceMs: unprovenGraceMs,
    isEvictable: ({ connection }) => !connection?.hasSentHello,
    evict: ({ socket }) => socket.destroy(),
    clock,
  })
  const places = new WeakMap<AgentConnection, Place>()
  /** Departures that are being stored. */
  const leaving = new Map<InstanceId, Promise<void>>()
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxAgentMessageBytes,
    perMessageDeflate: false,
    clientTracking: false,
  })
  let closing = false
  const everyoneGone = new AbortController()
  let bytesUnderWay = 0
  const refusals = createRecentCount(clock, refusalWindowMs)

  const perAgent = { maxItems: maxAgentsPerBatch, isOneItemsFault }
  const hellos = createBatcher((hellos: Hello[]) => connectAgents(context, serverId, hellos), perAgent)
  const fetches = createBatcher(async (agents: Fetching[]) => {
    const ids = agents.map(({ id }) => id)
    const older = new Set(agents.filter(({ version }) => version < signatureVersion).map(({ id }) => id))
    const work = await handOutWork(context, ids, (id) => !older.has(id))
    const trusting = agents.flatMap(({ id, trust }) => (trust === undefined ? [] : [{ id, version: trust }]))
    const successors = await findTrustSuccessors(context, trusting)
    return ids.map((id) => ({ ...(work.get(id) as Work), trustFile: successors.get(id) }))
  }, perAgent)
  const reports = createBatcher(
    async (batch: (readonly Report[])[]) => {
      await applyReports(context, batch.flat())
      return batch.map(() => undefined)
    },
    {
      maxItems: maxReportsPerBatch,
      isOneItemsFault,
      // All entries of a message belong to the agent that sent it.
      ownerOf: ([first]) => first?.instanceId ?? '',
      weight: { of: (entries) => entries.length, max: maxEntriesPerBatch },
    },
  )
  const facts = createBatcher(async (agents: { id: InstanceId; facts: Hello['facts'] }[]) => {
    await updateFacts(context, agents)
    return agents.map(() => undefined)
  }, perAgent)
  const drift = createBatcher(async (agents: ReportedInstanceDrift[]) => {
    await applyDrift(context, agents)
    return agents.map(() => undefined)
  }, perAgent)
  const departures = createBatcher(async (ids: InstanceId[]) => {
    await disconnectAgents(context, serverId, ids)
    return ids.map(() => undefined)
  }, perAgent)

  const inventories = createBatcher(async (agents: InventoryOf[]) => {
    const answers = await reconcileAgents(context, agents)
    return agents.map(({ instanceId }) => answers.get(instanceId) as OpenReconciliation)
  }, perAgent)
  const waiting = createBatcher(async (agents: Parameters<typeof renewWaiting>[1][number][]) => {
    await renewWaiting(context, agents)
    return agents.map(() => undefined)
  }, perAgent)
  const services: ConnectionServices = {
    clock,
    log,
    async connect(hello) {
      // A departure stored after the hello would mark a connected instance as disconnected.
      await leaving.get(hello.instanceId)
      return hellos.add(hello)
    },
    joined(connection) {
      const id = connection.instanceId as InstanceId
      unproven.release(places.get(connection) as Place)
      connections.get(id)?.close('ConnectedElsewhere', 'The instance has connected again.', true)
      connections.set(id, connection)
    },
    left(connection) {
      const id = connection.instanceId as InstanceId
      // A newer connection of the same instance has replaced it: the instance is still connected.
      if (connections.get(id) !== connection) return
      connections.delete(id)
      if (closing) return
      const left = departures
        .add(id)
        .catch((error) =>
          log.warn('a departure was not stored; the next connection corrects it', {
            instanceId: id,
            error: String(error),
          }),
        )
        .finally(() => leaving.delete(id))
      leaving.set(id, left)
    },
    handOut: (id, version, trust) => fetches.add({ id, version, trust }),
    reconcile: (instanceId, inventory) => inventories.add({ instanceId, inventory }),
    async renewWaiting(instanceId, ids) {
      await waiting.add({ instanceId, ids })
    },
    artifactUrl: (request) => findArtifactUrl(context, request),
    async report(batch, sizeBytes) {
      bytesUnderWay += sizeBytes
      const receivedAt = clock.monotonicMs()
      try {
        await reports.add(batch)
        context.measurements?.reportStored((clock.monotonicMs() - receivedAt) / 1_000)
      } finally {
        bytesUnderWay -= sizeBytes
      }
    },
    isFull: (ownBytes) => ownBytes > maxBytesPerAgent || bytesUnderWay > maxBytesUnderWay,
    async facts(id, value) {
      await facts.add({ id, facts: value })
    },
    async drift(found) {
      await drift.add(found)
    },
    driftCheckMs: context.driftCheckMs,
    renewKey: (renewal) => renewAgentKey(context, renewal),
    suggestRetryMs: () => suggestRetryMs(refusals.add()),
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = request.url?.split('?')[0]
    if (path !== agentPaths.connect) return refuse(socket, '404 Not Found')
    if (closing || connections.size >= maxAgentsPerReplica) return refuse(socket, '503 Service Unavailable')
    const place: Place = { socket }
    if (!unproven.admit(place, groupOfAddress(peers.read(request as PeerRequest).address)))
      return refuse(socket, '503 Service Unavailable')
    socket.once('close', () => unproven.release(place))
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new AgentConnection(webSocket, services, peers.read(request as PeerRequest).address)
      place.connection = connection
      places.set(connection, place)
      all.add(connection)
      const timeout = clock.setTimeout(() => connection.hasSentHello || connection.terminate(), helloTimeoutMs, {
        unref: true,
      })
      webSocket.on('close', () => {
        timeout.cancel()
        all.delete(connection)
        if (closing && all.size === 0) everyoneGone.abort()
      })
    })
  }

  const stop = new AbortController()
  /**
   * Disconnects silent agents, and finds work whose nudge was lost with one statement, whatever the
   * number of agents.
   */
  async function keepWatch(): Promise<void> {
    while (!stop.signal.aborted) {
      await clock.wait(agentHeartbeatMs, stop.signal)
      if (stop.signal.aborted) return
      for (const connection of all) connection.checkSilence()
      try {
        for (const id of await findForgottenInstances(context, serverId)) connections.get(id)?.nudge()
      } catch (error) {
        log.warn('the search for work with lost nudges failed; the next round retries', { error: String(error) })
      }
    }
  }
  const watching = keepWatch()

  return {
    attach(server) {
      server.on('upgrade', upgrade)
    },
    nudge(instanceIds) {
      return instanceIds.filter((id) => {
        const connection = connections.get(id)
        connection?.nudge()
        return !connection
      })
    },
    disconnect(instanceIds) {
      for (const id of instanceIds) connections.get(id)?.close('InstanceRemoved', helloRefusals.InstanceRemoved, false)
    },
    reconnect(instanceIds) {
      for (const id of instanceIds)
        connections.get(id)?.close('AdmissionChanged', 'An operator approved or released this instance.', true)
    },
    stats: () => ({
      connectedAgents: connections.size,
      unprovenConnections: unproven.size,
      queues: {
        hello: hellos.size,
        fetch: fetches.size,
        report: reports.size,
        facts: facts.size,
        drift: drift.size,
        departure: departures.size,
        inventory: inventories.size,
      },
      uncommittedBytes: bytesUnderWay,
    }),
    async close() {
      closing = true
      stop.abort()
      await watching
      // Later messages are not acknowledged: the agents send them to another server, or again
      // later.
      for (const connection of all) connection.stopReading()
      await Promise.all([
        hellos.drained(),
        fetches.drained(),
        inventories.drained(),
        waiting.drained(),
        reports.drained(),
        facts.drained(),
        drift.drained(),
        departures.drained(),
      ])
      for (const connection of all) connection.close('ServerStopping', 'The server is stopping.', true)
      if (all.size > 0) await clock.wait(goodbyeMs, everyoneGone.signal)
      for (const connection of all) connection.terminate()
      webSockets.close()
    },
  }
}

function refuse(socket: Duplex, status: string): void {
  // The peer may be gone before the response. This socket has no other error handler, and an
  // unhandled error ends the process.
  socket.on('error', () => socket.destroy())
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}
