/**
 * The metrics of a server in the Prometheus text format. Names end in their unit or in `_total`;
 * every label has a small, fixed set of values. `docs/operating.md` describes them.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { executionStatuses, type TaskStatus, taskStatuses } from '../../core/execution/execution.ts'
import type { MeasuredRequest } from '../api/api-options.ts'
import type { Measurements } from '../app/context.ts'
import type { FleetCounts } from '../app/overview/read-fleet.ts'
import type { GatewayStats } from '../gateway/gateway.ts'

/** The parts of a server that are read at each scrape. */
export interface MetricSources {
  /** Undefined if the database does not answer. */
  readFleet(): Promise<FleetCounts | undefined>
  gateway(): GatewayStats
  pool(): PoolStats
  /** When the TLS certificate expires, in seconds since 1970; undefined without TLS. */
  certificateExpiresAt(): number | undefined
}

/** The connections of the database pool at one moment. */
export interface PoolStats {
  readonly busy: number
  readonly idle: number
  readonly max: number
  /** Callers that wait for a connection. */
  readonly waiting: number
}

/** Receives measurements, and renders them. */
export interface Metrics extends Measurements {
  requestEnded(request: MeasuredRequest): void
  statementEnded(kind: string, seconds: number, failed: boolean): void
  /** @param result `ok`, or what the failure means: `missing`, `full`, `refused`, `temporary` */
  objectRequestEnded(operation: string, seconds: number, result: string): void
  /** Called by the server as soon as its parts exist. */
  watch(sources: MetricSources): void
  /** The exposition text, and its content type. */
  render(): Promise<string>
  readonly contentType: string
}

const requestBuckets = [0.005, 0.02, 0.1, 0.5, 2, 10, 60]
const statementBuckets = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10]
const reportBuckets = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
const outputBuckets = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600]
const endedTaskStatuses = ['Success', 'Failed', 'Cancelled'] as const satisfies readonly TaskStatus[]

/** @param version the version of this program */
export function createMetrics(version: string): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name, help, labelNames, registers })
  collectDefaultMetrics({ register: registry })
  gauge('chandler_build_info', 'The version of this server; always 1', ['version']).set({ version }, 1)

  const requests = new Counter({
    name: 'chandler_http_requests_total',
    help: 'Answered HTTP requests',
    labelNames: ['method', 'route', 'code'],
    registers,
  })
  const requestSeconds = new Histogram({
    name: 'chandler_http_request_duration_seconds',
    help: 'Duration of HTTP requests, without event streams',
    labelNames: ['method', 'route'],
    buckets: requestBuckets,
    registers,
  })
  const failedAuthentications = new Counter({
    name: 'chandler_authentication_failures_total',
    help: 'Attempts to authenticate with wrong credentials',
    labelNames: ['kind'],
    registers,
  })
  for (const kind of ['password', 'access_key', 'token']) failedAuthentications.inc({ kind }, 0)
  const objectSeconds = new Histogram({
    name: 'chandler_object_store_request_duration_seconds',
    help: 'Duration of requests to the bucket, with their retries, until the first byte of the answer',
    labelNames: ['operation'],
    buckets: requestBuckets,
    registers,
  })
  const failedObjectRequests = new Counter({
    name: 'chandler_object_store_errors_total',
    help: 'Requests to the bucket that failed after their retries',
    labelNames: ['operation', 'kind'],
    registers,
  })
  const failedOrders = new Counter({
    name: 'chandler_tls_certificate_orders_failed_total',
    help: 'Orders of a TLS certificate (ACME) that failed',
    registers,
  })
  const certificateExpiry = gauge(
    'chandler_tls_certificate_expiry_timestamp_seconds',
    'When the TLS certificate of this server expires',
  )
  // Without TLS there is no expiry: 0 would fire alerts.
  certificateExpiry.remove()
  const statementSeconds = new Histogram({
    name: 'chandler_database_statement_duration_seconds',
    help: 'Duration of SQL statements, without the wait for a connection',
    labelNames: ['kind'],
    buckets: statementBuckets,
    registers,
  })
  const failedStatements = new Counter({
    name: 'chandler_database_statement_errors_total',
    help: 'SQL statements that failed, including conflicts that were retried',
    labelNames: ['kind'],
    registers,
  })
  const reportSeconds = new Histogram({
    name: 'chandler_report_lag_seconds',
    help: 'Time from receiving a report of an agent to its commit',
    buckets: reportBuckets,
    registers,
  })
  const outputSeconds = new Histogram({
    name: 'chandler_task_first_output_seconds',
    help: 'Time from queueing a task for its instance to its first output in the database',
    buckets: outputBuckets,
    registers,
  })

  const connectedAgents = gauge('chandler_agents_connected', 'Agents that are connected to this server')
  const unproven = gauge('chandler_agent_connections_unauthenticated', 'Agent connections before authentication')
  const queued = gauge('chandler_agent_queue_items', 'Messages of agents that wait for a transaction or are in one', [
    'queue',
  ])
  const uncommitted = gauge('chandler_report_uncommitted_bytes', 'Received bytes of reports before their commit')
  const poolConnections = gauge('chandler_database_pool_connections', 'Connections of the database pool', ['state'])
  const poolMax = gauge('chandler_database_pool_max_connections', 'Maximum of the database pool')
  const poolWaiting = gauge('chandler_database_pool_waiting', 'Callers that wait for a database connection')

  const databaseUp = gauge('chandler_database_up', '1 if the database answered this scrape, else 0')
  const executions = gauge('chandler_executions', 'Executions that have not ended, in the database', ['status'])
  const endedExecutions = gauge('chandler_executions_ended_last_day', 'Executions that ended in the last 24 hours', [
    'status',
  ])
  const tasks = gauge('chandler_tasks', 'Tasks of executions that have not ended, in the database', ['status'])
  const endedTasks = new Counter({
    name: 'chandler_tasks_ended_total',
    help: 'Tasks that ended, in the database, since the hour in which this server started',
    labelNames: ['status'],
    registers,
  })
  const servers = gauge('chandler_servers', 'Servers that use this database')
  const jobs = gauge('chandler_work_queue_jobs', 'Jobs that reconcile executions, in the database', ['state'])
  const oldestJob = gauge('chandler_work_queue_oldest_due_seconds', 'Wait of the oldest due job that no server runs')

  let sources: MetricSources | undefined

  function showGateway({ connectedAgents: count, unprovenConnections, queues, uncommittedBytes }: GatewayStats): void {
    connectedAgents.set(count)
    unproven.set(unprovenConnections)
    for (const [queue, size] of Object.entries(queues)) queued.set({ queue }, size)
    uncommitted.set(uncommittedBytes)
  }

  function showPool({ busy, idle, max, waiting }: PoolStats): void {
    poolConnections.set({ state: 'busy' }, busy)
    poolConnections.set({ state: 'idle' }, idle)
    poolMax.set(max)
    poolWaiting.set(waiting)
  }

  function showCertificate(expiresAt: number | undefined): void {
    if (expiresAt !== undefined) certificateExpiry.set(expiresAt)
  }

  function showFleet(fleet: FleetCounts | undefined): void {
    databaseUp.set(fleet === undefined ? 0 : 1)
    // Values of the last scrape would look current.
    for (const one of [executions, endedExecutions, tasks, servers, jobs, oldestJob]) one.reset()
    if (fleet === undefined) {
      for (const one of [servers, oldestJob]) one.remove()
      return
    }
    for (const status of executionStatuses) {
      const isOpen = !['Success', 'Failed', 'Cancelled'].includes(status)
      if (isOpen) executions.set({ status }, countOf(fleet.openExecutions, status))
      else endedExecutions.set({ status }, countOf(fleet.endedExecutions, status))
    }
    for (const status of taskStatuses) tasks.set({ status }, countOf(fleet.openTasks, status))
    endedTasks.reset()
    for (const status of endedTaskStatuses) endedTasks.inc({ status }, countOf(fleet.endedTasks, status))
    servers.set(fleet.liveServers)
    for (const state of ['due', 'running', 'scheduled'] as const) jobs.set({ state }, fleet.jobs[state])
    oldestJob.set(fleet.jobs.oldestDueSeconds)
  }

  return {
    contentType: registry.contentType,
    requestEnded({ method, route, status, seconds, isStream }) {
      requests.inc({ method, route, code: String(status) })
      if (!isStream) requestSeconds.observe({ method, route }, seconds)
    },
    statementEnded(kind, seconds, failed) {
      statementSeconds.observe({ kind }, seconds)
      if (failed) failedStatements.inc({ kind })
    },
    objectRequestEnded(operation, seconds, result) {
      objectSeconds.observe({ operation }, seconds)
      if (result !== 'ok') failedObjectRequests.inc({ operation, kind: result })
    },
    firstOutput: (seconds) => outputSeconds.observe(seconds),
    reportStored: (seconds) => reportSeconds.observe(seconds),
    authenticationFailed: (kind) => failedAuthentications.inc({ kind }),
    certificateOrderFailed: () => failedOrders.inc(),
    watch(watched) {
      sources = watched
    },
    async render() {
      if (sources !== undefined) {
        showGateway(sources.gateway())
        showPool(sources.pool())
        showCertificate(sources.certificateExpiresAt())
        showFleet(await sources.readFleet())
      }
      return registry.metrics()
    },
  }
}

const countOf = (counts: readonly { readonly status: string; readonly count: number }[], status: string) =>
  counts.find((one) => one.status === status)?.count ?? 0
