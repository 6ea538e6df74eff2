import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { chandlerError } from '../core/errors.ts'
import { makeServerId } from '../core/id.ts'
import { systemClock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { createPeerReader } from '../lib/peer/read-peer.ts'
import { createWakeHub } from '../lib/wake-hub.ts'
import { createFileObjectStore } from '../objects/file-object-store.ts'
import { listenToReplicas } from '../store/notifications.ts'
import { openWorkerLockSession } from '../store/worker-locks.ts'
import { createAgentBundles } from './agent-bundle.ts'
import { createApi } from './api/api.ts'
import { type BootstrapResult, bootstrap } from './app/bootstrap.ts'
import { collectArtifacts } from './app/collect-artifacts.ts'
import type { AppContext } from './app/context.ts'
import { fillContents } from './app/fill-contents.ts'
import { rekeyDigests } from './app/rekey-digests.ts'
import { collectUploads } from './app/resume-upload.ts'
import { tidySessions } from './app/sessions.ts'
import { tidyActivity } from './app/tidy-activity.ts'
import { createArtifactUrl, createArtifactUrlSigner } from './artifact-url.ts'
import type { ListenAddress, ServerConfig } from './config.ts'
import { connectDatabase } from './connect-database.ts'
import { builtConsoles } from './console/build-console.ts'
import { registerConsole } from './console/console-face.ts'
import { openConsoleFiles } from './console/console-files.ts'
import { type DataDirectory, openDataDirectory } from './data-directory.ts'
import { createDispatcher, type Dispatcher } from './dispatcher/dispatcher.ts'
import { startEmbeddedPostgres } from './embedded-postgres/start-embedded-postgres.ts'
import { createGateway } from './gateway/gateway.ts'
import { createSecretBox, deriveKey, readMasterKey } from './keys.ts'
import { registerOosApi } from './oos/oos-api.ts'
import { joinReplicas, type Replica } from './replica.ts'
import { createSecretDigests } from './secret-digests.ts'

export interface RunningServer {
  /** `http://HOST:PORT` as it listens. */
  readonly url: string
  /** The first access key, if this start made it. */
  readonly accessKey: BootstrapResult['created']
  /** Stops taking work, finishes what is being written, lets everything go. Calling it again waits for the same end. */
  close(): Promise<void>
}

/** Requests that have not ended by then (an upload, say) are cut off: the process has 10 s in all. */
const requestPatienceMs = 5_000
const tidyEveryMs = 3_600_000

/**
 * Wires the server and starts it, each part on those before it; when one cannot be started, those before it are ended.
 * @throws OperatorError and errors of the catalogue for what a person has to put right
 */
export async function startServer(config: ServerConfig, log: Logger): Promise<RunningServer> {
  const clock = systemClock
  const parts = new AsyncDisposableStack()
  try {
    const directory = await openDataDirectory(config.dataDirectory)
    parts.defer(directory.release)
    const masterKey = await readMasterKey(directory.path, config.secretKey)
    const objects = await createFileObjectStore(config.objectsDirectory, clock)

    const connection = config.databaseUrl
      ? { connectionString: config.databaseUrl }
      : await startOwnDatabase(directory, config.databaseUser, log, parts)
    const { pool, database } = await connectDatabase(connection, { clock, log, random: Math.random })
    parts.defer(() => pool.end())

    const signer = createArtifactUrlSigner(deriveKey(masterKey, 'artifact-url'), clock, config.artifactUrlTtlMs)
    const hub = createWakeHub()
    let dispatcher: Dispatcher | undefined
    let replica: Replica | undefined
    let nudgeAgents: AppContext['nudge'] | undefined
    const context: AppContext = {
      database,
      objects,
      secrets: createSecretBox(masterKey),
      digests: createSecretDigests(masterKey),
      clock,
      log,
      random: randomBytes,
      region: config.region,
      // What is said before the parts are there is found by their first look.
      poke: (executionIds) => dispatcher?.poke(executionIds),
      nudge: (instanceIds) => nudgeAgents?.(instanceIds),
      changed: (what) => replica?.changed(what),
      disconnect: (instanceIds) => replica?.disconnect(instanceIds),
      artifactUrl: createArtifactUrl(objects, signer, config.artifactUrlTtlMs),
    }
    const { created: accessKey } = await bootstrap(context, config.bootstrapAccessKey, config.bootstrapPassword)
    await fillContents(context)
    await rekeyDigests(context)

    const serverId = makeServerId(randomBytes)
    const peers = createPeerReader(config.trustedProxies)
    const gateway = createGateway(context, serverId)
    // Reports may come until their agents are gone: whom they wake must outlive the gateway.
    const joined = await joinReplicas({
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
      clock,
      log,
    })
    replica = joined
    parts.defer(() => joined.close())
    nudgeAgents = (instanceIds) => joined.nudgeOthers(gateway.nudge(instanceIds))
    const working = await createDispatcher({
      database,
      pool,
      openSession: () => openWorkerLockSession(connection),
      effects: { nudge: context.nudge, changed: context.changed },
      clock,
      log,
    })
    dispatcher = working
    parts.defer(() => working.close())
    parts.defer(tidyPeriodically(context))

    const consoleFiles = await openConsoleFiles(projectDirectory, log.child({ part: 'console' }))
    parts.defer(() => consoleFiles.close())

    const stopping = new AbortController()
    const version = readVersion()
    const installScript = readFileSync(new URL('install.sh', import.meta.url), 'utf8')
    const api = await createApi(
      {
        ...context,
        verifyArtifactAddress: signer.verify,
        agentBundles: createAgentBundles({ dataDirectory: directory.path, projectDirectory, version, log }),
        watchExecution: (executionId) => hub.watch(executionId),
        watchAllChanges: (maxKeys) => hub.watchAll(maxKeys),
        stopping: stopping.signal,
      },
      {
        version,
        publicUrl: config.publicUrl,
        peers,
        installScript,
        faces: [
          (face, shared) => registerOosApi(face, context, shared),
          (face) => registerConsole(face, consoleFiles, builtConsoles(projectDirectory)),
        ],
      },
    )
    gateway.attach(api.server)
    parts.defer(() => stopListening(api, () => gateway.close(), stopping))
    const url = await listen(api, config.listen)
    log.info('the server is ready', { url, serverId, dataDirectory: directory.path })
    let closing: Promise<void> | undefined
    return { url, accessKey, close: () => (closing ??= parts.disposeAsync()) }
  } catch (error) {
    await parts.disposeAsync()
    throw error
  }
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

async function listen(api: FastifyInstance, { host, port }: ListenAddress): Promise<string> {
  const shownHost = host.includes(':') ? `[${host}]` : host
  try {
    await api.listen({ host, port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const address = `${shownHost}:${port}`
    if (code === 'EADDRINUSE') throw chandlerError('AddressInUse', { address }, undefined, { cause: error })
    if (code === 'EACCES')
      throw new OperatorError(`Not allowed to listen on ${address}. Choose a port from 1024 on with --listen.`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new OperatorError(`${shownHost} is no address of this machine. Choose another one with --listen HOST:PORT.`)
    }
    throw error
  }
  const bound = api.addresses()[0]
  return `http://${shownHost}:${typeof bound === 'object' ? bound.port : port}`
}

/** Event streams end, agents are let go, requests may finish for a while. */
async function stopListening(api: FastifyInstance, closeGateway: () => Promise<void>, stopping: AbortController) {
  stopping.abort()
  const impatience = systemClock.setTimeout(() => api.server.closeAllConnections(), requestPatienceMs)
  await Promise.all([api.close(), closeGateway()])
  impatience.cancel()
}

/** What nothing refers to any more, and sums of what nobody asks for in detail. */
function tidyPeriodically(context: AppContext): () => Promise<void> {
  const stop = new AbortController()
  const tasks = [
    ['unused artifacts were not removed', () => collectArtifacts(context, { signal: stop.signal })],
    ['unfinished uploads were not removed', () => collectUploads(context)],
    ['activity was not summed up', () => tidyActivity(context)],
    ['plain digests were not replaced', () => rekeyDigests(context)],
    ['ended sessions were not removed', () => tidySessions(context)],
  ] as const
  const tidy = async () => {
    while (!stop.signal.aborted) {
      await context.clock.wait(tidyEveryMs, stop.signal)
      for (const [failure, task] of tasks) {
        if (stop.signal.aborted) return
        await task().catch((error: unknown) => context.log.warn(`${failure}; the next round tries again`, { error }))
      }
    }
  }
  const tidying = tidy()
  return async () => {
    stop.abort()
    await tidying
  }
}

const projectDirectory = fileURLToPath(new URL('../..', import.meta.url))
const readVersion = (): string =>
  (JSON.parse(readFileSync(join(projectDirectory, 'package.json'), 'utf8')) as { version: string }).version
