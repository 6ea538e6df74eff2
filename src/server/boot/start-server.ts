import { randomBytes, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chandlerError } from '../../core/error/errors.ts'
import { makeServerId } from '../../core/id.ts'
import { systemClock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { createAddressGuard } from '../../lib/outbound/address-guard.ts'
import { createPeerReader } from '../../lib/peer/read-peer.ts'
import type { Tracer } from '../../lib/tracer.ts'
import { createWakeHub } from '../../lib/wake-hub.ts'
import { breakConnections } from '../../store/database/database.ts'
import { findStatementName } from '../../store/database/statement-kind.ts'
import { listenToReplicas } from '../../store/server/notifications.ts'
import { openWorkerLockSession } from '../../store/server/worker-locks.ts'
import { createAgentBundles } from '../agent-bundle/agent-bundle.ts'
import { createApi } from '../api/api.ts'
import {
  type BootstrapOptions,
  bootstrap,
  checkSecretKeyOfDatabase,
  defaultAccountId,
  type FirstCredentials,
  listIgnoredVariables,
} from '../app/access/bootstrap.ts'
import type { PasswordCost } from '../app/access/hash-password.ts'
import { readDigestKey } from '../app/access/replace-secret-key.ts'
import type { AppContext } from '../app/context.ts'
import { rekeyDigests } from '../app/execution/rekey-digests.ts'
import { fillContents } from '../app/extension/fill-contents.ts'
import { createFleetReader } from '../app/overview/read-fleet.ts'
import { builtConsoles } from '../console/built-consoles.ts'
import { openConsoleFiles } from '../console/console-files.ts'
import { registerConsole } from '../console/console-routes.ts'
import { createDispatcher, type Dispatcher } from '../dispatcher/dispatcher.ts'
import { startEmbeddedPostgres } from '../embedded-postgres/start-embedded-postgres.ts'
import { createGateway } from '../gateway/gateway.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { serveMetrics } from '../metrics/serve-metrics.ts'
import { registerOosApi } from '../oos/oos-api.ts'
import type { ServerIdentity } from '../tls/server-identity.ts'
import { createTlsListener } from '../tls/tls-listener.ts'
import { createArtifactUrl, createArtifactUrlSigner } from './artifact-url.ts'
import { keepAssignments } from './assignment-keeper.ts'
import { runAuditLoops } from './audit/audit-loop.ts'
import { openAuditReceiver } from './audit/audit-receivers.ts'
import { createBootStarter } from './boot-starter.ts'
import { checkConnections } from './check-connections.ts'
import { connectDatabase } from './connect-database.ts'
import { writeCredentials } from './credentials-file.ts'
import { type DataDirectory, openDataDirectory } from './data-directory.ts'
import { keepGates } from './gate-keeper.ts'
import { createSecretBox, deriveDigestKey, deriveKey, nextKeyFile, readMasterKey } from './keys.ts'
import { listen, listenerLimits, stopListening } from './listen.ts'
import { runNotifier } from './notifier.ts'
import { openIdentity, warnOfPlainHttp } from './open-identity.ts'
import { openMail } from './open-mail.ts'
import { openObjectStore } from './open-object-store.ts'
import { joinReplicas, type Replica } from './replica.ts'
import { createSecretDigests } from './secret-digests.ts'
import type { ServerConfig } from './settings/config.ts'
import { tidyPeriodically } from './tidy-periodically.ts'

/** A started server. */
export interface RunningServer {
  /** `https://HOST:PORT` (or `http`) of the listening socket. */
  readonly url: string
  /** SHA-256 of the server's own CA; undefined without one. */
  readonly caSha256: string | undefined
  /** The first access key, if this start created it. */
  readonly accessKey: FirstCredentials | undefined
  /** Builds what instances install the agent from, as far as it is missing: seconds of CPU time. Never rejects. */
  buildAgentBundles(): Promise<void>
  /**
   * Stops accepting work, finishes pending writes and closes everything. A second call waits for
   * the same end.
   */
  close(): Promise<void>
}

/**
 * Statements that still run when the server stops are ended after this time, because PostgreSQL has
 * to stop within the same 10 s.
 */
const statementTimeoutMs = 4_000
/**
 * A stage of the start takes well below a second; a longer one means that the database has stopped
 * answering.
 */
const stageTimeoutMs = 20_000
/** A store that does not answer is tried several times before its error is reported. */
const objectsTimeoutMs = 180_000
/** Crash recovery and migrations of large tables have no time limit. */
const unlimited = Number.MAX_SAFE_INTEGER
/** Time limit for undoing the earlier stages after one failed. */
const undoTimeoutMs = 5_000

export interface ServerStartOptions {
  /** Aborts when the process should end: the start is cancelled at its current stage. */
  readonly stop?: AbortSignal
  /** File for generated credentials; absent: only the result contains them. */
  readonly credentialsFile?: string | undefined
  /** Of passwords that are set; absent: the default. */
  readonly passwordCost?: PasswordCost | undefined
}

/**
 * Builds the server from its parts and starts them in the order of their dependencies. If one fails
 * to start, the earlier ones are stopped.
 * @throws OperatorError and catalogue errors for problems that an operator has to correct
 */
export async function startServer(
  config: ServerConfig,
  ownLog: Logger,
  { stop, credentialsFile, passwordCost }: ServerStartOptions = {},
): Promise<RunningServer> {
  const clock = systemClock
  const serverId = makeServerId(randomBytes)
  // With an own database there is only one server, and its lines need no name.
  const log = config.databaseUrl === undefined ? ownLog : ownLog.child({ serverId })
  const parts = new AsyncDisposableStack()
  /**
   * Runs one stage of the start until it returns, throws, exceeds its time limit, or the process
   * should end.
   */
  async function stage<Result>(name: string, work: () => Promise<Result>, timeoutMs = stageTimeoutMs): Promise<Result> {
    stop?.throwIfAborted()
    const done = new AbortController()
    const interrupted = clock
      .wait(timeoutMs, AbortSignal.any([done.signal, ...(stop ? [stop] : [])]))
      .then((): Promise<never> => {
        stop?.throwIfAborted()
        if (done.signal.aborted) return new Promise(() => {})
        throw new OperatorError(
          `The server could not start: "${name}" took longer than ${timeoutMs / 1000} s. Look at the log above, and check that the database answers.`,
        )
      })
    try {
      return await Promise.race([work(), interrupted])
    } finally {
      done.abort()
    }
  }
  try {
    const directory = await openDataDirectory(config.dataDirectory)
    parts.defer(directory.release)
    const version = readVersion()
    const metrics = createMetrics(version)
    const tracer = await openTraces(config, version, serverId)
    if (tracer) parts.defer(tracer.close)
    if (existsSync(join(directory.path, nextKeyFile))) throw chandlerError('RekeyUnfinished', {})
    const masterKey = await readMasterKey(directory.path, config.secretKey)
    const objects = await stage(
      'opening the object store',
      () => openObjectStore(config, clock, metrics.objectRequestEnded),
      objectsTimeoutMs,
    )

    const connection = config.databaseUrl
      ? { connectionString: config.databaseUrl }
      : await stage(
          'starting PostgreSQL',
          () => startOwnDatabase(directory, config.databaseUser, log, parts),
          unlimited,
        )
    const { pool, database } = await stage(
      'connecting to the database',
      () =>
        connectDatabase(
          { ...connection, max: config.databaseConnections },
          {
            clock,
            log,
            random: Math.random,
            stop,
            measure: (kind, seconds, failed, text) => {
              metrics.statementEnded(kind, seconds, failed)
              tracer?.statement(findStatementName(text), seconds, failed)
            },
          },
        ),
      unlimited,
    )
    parts.defer(() => pool.end())

    const secrets = createSecretBox(masterKey)
    stop?.throwIfAborted()
    await checkSecretKeyOfDatabase({ database, secrets })
    await checkConnections(database, config.databaseConnections, log)
    const digestKey = await readDigestKey({ database, secrets }, defaultAccountId)
    const signer = createArtifactUrlSigner(deriveKey(masterKey, 'artifact-url'), clock, config.artifactUrlTtlMs)
    const hub = createWakeHub()
    let dispatcher: Dispatcher | undefined
    let replica: Replica | undefined
    let nudgeAgents: AppContext['nudge'] | undefined
    let identity: ServerIdentity | undefined
    let wakeBoots: AppContext['wakeBoots'] | undefined
    const building = new AbortController()
    parts.defer(() => building.abort())
    const agentBundles = createAgentBundles({
      dataDirectory: directory.path,
      projectDirectory,
      executablesDirectory: config.agentExecutables ?? findPackagedExecutables(),
      version,
      log,
      stop: building.signal,
    })
    const context: AppContext = {
      database,
      objects,
      secrets,
      digests: createSecretDigests(digestKey ?? deriveDigestKey(masterKey)),
      clock,
      log,
      random: randomBytes,
      passwordCost,
      region: config.region,
      accountName: config.accountName,
      // The first reconciliation finds pokes that arrive before the dispatcher exists.
      poke: (executionIds) => dispatcher?.poke(executionIds),
      nudge: (instanceIds) => nudgeAgents?.(instanceIds),
      changed: (what) => replica?.changed(what),
      disconnect: (instanceIds) => replica?.disconnect(instanceIds),
      reconnect: (instanceIds) => replica?.reconnect(instanceIds),
      wakeBoots: () => wakeBoots?.(),
      artifactUrl: createArtifactUrl(objects, signer, config.artifactUrlTtlMs),
      driftCheckMs: config.driftCheckMs,
      agentBundles,
      agentBundleUrl: signer.sign,
      measurements: metrics,
      sendMail: config.mail && (await openMail(config.mail)),
    }
    await fillContents(context)
    await rekeyDigests(context)

    const peers = createPeerReader(config.trustedProxies)
    const gateway = createGateway(context, serverId, peers)
    parts.defer(() => gateway.close())
    metrics.watch({
      readFleet: createFleetReader(context),
      gateway: gateway.stats,
      pool: () => ({
        busy: pool.totalCount - pool.idleCount,
        idle: pool.idleCount,
        max: pool.options.max,
        waiting: pool.waitingCount,
      }),
      certificateExpiresAt: () => identity && Date.parse(new X509Certificate(identity.current.cert).validTo) / 1_000,
    })
    // Reports may arrive until all agents are disconnected, so the parts that they wake must
    // outlive the gateway.
    const joined = await stage('joining the other servers', () =>
      joinReplicas({
        serverId,
        hostName: hostname(),
        database,
        listen: (onMessage) =>
          listenToReplicas(connection, serverId, onMessage, (channel, error) =>
            log.warn('a database notification was ignored: it is not from a server', { channel, error: String(error) }),
          ),
        hub,
        nudgeHere: (instanceIds) => void gateway.nudge(instanceIds),
        disconnectHere: gateway.disconnect,
        reconnectHere: gateway.reconnect,
        clock,
        log,
      }),
    )
    replica = joined
    parts.defer(() => joined.close())
    nudgeAgents = (instanceIds) => joined.nudgeOthers(gateway.nudge(instanceIds))
    const working = await stage('starting the dispatcher', () =>
      createDispatcher({
        database,
        pool,
        openSession: () => openWorkerLockSession(connection),
        effects: { nudge: context.nudge, changed: context.changed },
        clock,
        log,
        tracer,
      }),
    )
    dispatcher = working
    parts.defer(() => working.close())
    parts.defer(tidyPeriodically(context, config.retention))
    const guard = createAddressGuard(config.outboundAllow)
    parts.defer(keepGates(context, guard))
    parts.defer(runNotifier(context, guard, config.publicUrl))
    parts.defer(
      runAuditLoops(
        context,
        config.auditExport.map((url) => openAuditReceiver(url, hostname())),
      ),
    )
    const boots = createBootStarter(context)
    parts.defer(() => boots.close())
    wakeBoots = boots.wake
    parts.defer(keepAssignments(context, hub.watchAll(1)))

    const consoleFiles = await stage('opening the console', () =>
      openConsoleFiles(projectDirectory, log.child({ part: 'console' })),
    )
    parts.defer(() => consoleFiles.close())

    identity = await stage('preparing TLS', () => openIdentity(config, context))
    if (identity) parts.defer(identity.close)
    warnOfPlainHttp(config, log)

    const stopping = new AbortController()
    const opened = Promise.withResolvers<void>()
    const readScript = (name: string) => readFileSync(new URL(`../agent-bundle/${name}`, import.meta.url), 'utf8')
    const installScript = readScript('install.sh')
    const api = await createApi(
      {
        ...context,
        verifyArtifactAddress: signer.verify,
        watchExecution: (executionId) => hub.watch(executionId),
        watchAllChanges: (maxKeys) => hub.watchAll(maxKeys),
        stopping: stopping.signal,
      },
      {
        version,
        opened: opened.promise,
        publicUrl: config.publicUrl,
        ...(await openSingleSignOn(config)),
        peers,
        installScript,
        windowsInstallScript: readScript('install.ps1'),
        tracer,
        onRequestEnd: metrics.requestEnded,
        metrics,
        tls: identity && {
          identity,
          hstsMs: 'hstsMs' in config.tls ? config.tls.hstsMs : undefined,
          createServer: (handler) => createTlsListener(identity, handler, listenerLimits),
        },
        surfaces: [
          (surface, shared) => registerOosApi(surface, context, shared),
          (surface) => registerConsole(surface, consoleFiles, builtConsoles(projectDirectory)),
        ],
      },
    )
    gateway.attach(api.server)
    parts.defer(() => stopListening(api, () => gateway.close(), stopping))
    const url = await stage('listening', () => listen(api, config.listen, identity ? 'https' : 'http'))
    if (config.metricsListen !== undefined) {
      const address = config.metricsListen
      parts.defer(await stage('listening for metrics', () => serveMetrics(metrics, address, log)))
    }
    // The account is created after every step that can fail, because its credentials are shown only
    // once.
    const given = { accessKey: config.bootstrapAccessKey, password: config.bootstrapPassword }
    const keep = credentialsFile === undefined ? undefined : keepCredentials(credentialsFile)
    const { created: accessKey } = await stage('making the first account', () => bootstrap(context, { ...given, keep }))
    if (accessKey === undefined) warnOfIgnored(context, given)
    opened.resolve()
    log.info('the server is ready', { url, serverId, dataDirectory: directory.path })
    let closing: Promise<void> | undefined
    async function close() {
      const timeout = clock.setTimeout(() => {
        log.warn('statements that take too long are ended; their work is done after the next start')
        breakConnections(pool)
      }, statementTimeoutMs)
      await parts.disposeAsync().finally(() => timeout.cancel())
    }
    const caSha256 = identity?.authorities?.digest
    return {
      url,
      caSha256,
      accessKey,
      buildAgentBundles: () => agentBundles.build(),
      close: () => (closing ??= close()),
    }
  } catch (error) {
    const disposed = parts
      .disposeAsync()
      .catch((failure: unknown) => log.warn('a started part did not stop cleanly', { error: String(failure) }))
    await Promise.race([disposed, clock.wait(undoTimeoutMs)])
    throw error
  }
}

/** Only a server that sends traces loads the library. */
async function openTraces({ tracing }: ServerConfig, version: string, serverId: string): Promise<Tracer | undefined> {
  if (tracing === undefined) return undefined
  const { openTracer } = await import('../tracing/open-tracer.ts')
  return openTracer({ ...tracing, version, serverId })
}

/** Only a server with an identity provider loads the library. */
async function openSingleSignOn({ oidc }: ServerConfig) {
  if (oidc === undefined) return {}
  const { createOidcClient } = await import('./sso/oidc-client.ts')
  return { sso: { ...oidc, ...createOidcClient(oidc) } }
}

const keepCredentials = (file: string) => async (created: FirstCredentials) => {
  if (created.generated || created.password !== undefined) await writeCredentials(file, created)
}

function warnOfIgnored(context: AppContext, given: BootstrapOptions): void {
  listIgnoredVariables(context, given).then(
    (variables) => {
      if (variables.length > 0)
        context.log.warn(
          'the account exists already with other credentials: these variables are ignored. Use "chandler server reset-admin" to create new ones',
          { variables },
        )
    },
    (error: unknown) => context.log.warn('the bootstrap variables were not compared', { error: String(error) }),
  )
}

async function startOwnDatabase(
  dataDirectory: DataDirectory,
  databaseUser: string,
  log: Logger,
  parts: AsyncDisposableStack,
) {
  const postgres = await startEmbeddedPostgres({ dataDirectory, databaseUser, log })
  parts.defer(() => postgres.stop())
  return postgres.connection
}

const projectDirectory = fileURLToPath(new URL('../../..', import.meta.url))
const readVersion = (): string =>
  (JSON.parse(readFileSync(join(projectDirectory, 'package.json'), 'utf8')) as { version: string }).version

/** Packages of a release contain executables of the agent; a checkout and the npm package do not. */
function findPackagedExecutables(): string | undefined {
  const folder = join(projectDirectory, 'agent')
  return existsSync(folder) ? folder : undefined
}
