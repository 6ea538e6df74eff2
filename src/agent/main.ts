import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { basename } from 'node:path'
import type { Fingerprint } from '../core/instance/agent-identity.ts'
import type { MemoryLimits } from '../core/instance/agent-memory.ts'
import { maxInstanceNameLength } from '../core/limits.ts'
import { systemClock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { createArtifactFetch } from './artifact/artifact-fetch.ts'
import { createAgentKeys } from './connection/agent-keys.ts'
import { CaRefresh } from './connection/ca-refresh.ts'
import { type ConnectionEnd, ConnectionToServer } from './connection/connection.ts'
import { enrol } from './connection/enrol.ts'
import { readFingerprint } from './connection/fingerprint.ts'
import { type Identity, loadIdentity, makeIdentity, saveIdentity } from './connection/identity.ts'
import type { Network } from './connection/network.ts'
import { openServerTrust, type ServerTrust, type TrustOptions } from './connection/server-trust.ts'
import { readTokenFile } from './connection/token-file.ts'
import { createFactsSource, type FactsSource } from './facts/facts-source.ts'
import { createWorker } from './invocation/create-worker.ts'
import { createPlatform } from './platform/create-platform.ts'
import { ownProgramFolder } from './platform/executable.ts'
import { readProxyEnvironment } from './platform/proxy-environment.ts'
import { exitCodeOfRemovedInstance } from './setup/unit-file.ts'
import { writeConnectionRecord } from './state/connection-record.ts'
import { openStateDirectory } from './state/state-directory.ts'
import { waitForSpace } from './state/wait-for-space.ts'
import { createStopSignal } from './stop-signal.ts'
import { CodeTrust } from './trust/code-trust.ts'
import { takeTrustFile } from './trust/take-trust-file.ts'
import { watchMemory } from './watch-memory.ts'

export interface AgentOptions {
  /** `http://host:port` or `https://…`, optionally with a base path. */
  readonly server: string
  /** A join token; required until the instance is enrolled, ignored afterwards. */
  readonly token?: string | undefined
  /**
   * A file that contains the join token, as an alternative to `token`; read only if the instance is
   * not enrolled yet.
   */
  readonly tokenFile?: string | undefined
  /** The agent's own directory: identity, journal, artifacts. Absolute. */
  readonly stateDirectory: string
  /** Absent = the host name. Sent only at enrolment, like the tags. */
  readonly name?: string | undefined
  readonly tags: Readonly<Record<string, string>>
  readonly log: Logger
  /** How to verify the server; absent options keep what the state directory holds. */
  readonly trust?: TrustOptions
  /** Exits with 0 as soon as the instance is enrolled. */
  readonly enrolOnly?: boolean
  /** Stops the agent, as SIGTERM and SIGINT do. */
  readonly signal?: AbortSignal
  /** Stops the agent when it is idle and has grown; the caller starts it again. */
  readonly memory?: MemoryLimits & { readonly checkMs: number; readonly onOutgrown: () => void }
}

/** The drain timeout; the journal keeps remaining reports for the next start. */
const stopPatienceMs = 5_000

/**
 * Runs the agent of this machine until it is stopped (0) or an operator removes it at the server (77).
 * Running scripts continue; the next agent on the same state directory finds them. Rejects with
 * OperatorError when it cannot start.
 */
export async function runAgent(options: AgentOptions): Promise<number> {
  assertServer(options.server)
  using stop = createStopSignal(options.signal)
  const platform = createPlatform()
  const { stateDirectory, log } = options
  const waiting = { stateDirectory, clock: systemClock, log, signal: stop.signal }
  const directory = await waitForSpace(waiting, () => openStateDirectory(stateDirectory, platform))
  if (directory === undefined) return 0
  try {
    const facts = await createFactsSource({ stateDirectory, clock: systemClock, log })
    try {
      const fingerprint = await readFingerprint()
      const trust = await openServerTrust(options.server, options.trust ?? {}, {
        stateDirectory,
        proxyEnv: readProxyEnvironment(),
        clock: systemClock,
        log,
      })
      const identity = await findIdentity(options, fingerprint, facts, trust, stop.signal)
      if (identity === undefined || options.enrolOnly) return 0
      const codeTrust = new CodeTrust(stateDirectory)
      const worker = await waitForSpace(waiting, () =>
        createWorker({
          stateDirectory,
          instanceId: identity.instanceId,
          codeTrust,
          fetchArtifact: createArtifactFetch(options.server, trust),
          platform,
          clock: systemClock,
          log,
        }),
      )
      if (worker === undefined) return 0
      try {
        return exitCodeOf(
          await stayConnected(options, identity, fingerprint, worker, facts, trust, codeTrust, stop.signal),
          options,
        )
      } finally {
        await worker.close()
      }
    } finally {
      facts.close()
    }
  } finally {
    await directory.release()
  }
}

function assertServer(server: string): void {
  const url = URL.parse(server)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new OperatorError(`"${server}" is not a server URL; use one such as https://chandler.example`)
}

type EnrolledIdentity = Identity & { readonly instanceId: string }

/**
 * The identity of this machine, after enrolment if necessary; undefined if the agent was stopped in
 * the meantime.
 */
async function findIdentity(
  options: AgentOptions,
  fingerprint: Fingerprint,
  facts: FactsSource,
  network: Network,
  signal: AbortSignal,
): Promise<EnrolledIdentity | undefined> {
  const { server, stateDirectory, tags, log } = options
  const found = await loadIdentity(stateDirectory, fingerprint, log)
  if (found?.instanceId !== undefined) {
    if (found.serverUrl !== server)
      log.warn(`this instance was enrolled at ${found.serverUrl} and now connects to ${server}`)
    return { ...found, instanceId: found.instanceId }
  }
  const token = options.tokenFile === undefined ? options.token : await readTokenFile(options.tokenFile)
  if (token === undefined)
    throw new OperatorError(
      `this machine is not enrolled yet (${stateDirectory} holds no instance id): give a join token with --token or --token-file; \`chandler token create\` makes one`,
    )
  const identity = found ?? makeIdentity(server, fingerprint)
  if (found === undefined) await saveIdentity(identity, stateDirectory)
  const name = (options.name ?? hostname()).slice(0, maxInstanceNameLength)
  const { privateKey } = identity
  const who = { server, token, privateKey, name, tags, facts: facts.current(), fingerprint }
  try {
    const instanceId = await enrol({ ...who, clock: systemClock, random: Math.random, log, network, signal })
    const enrolled = { ...identity, serverUrl: server, instanceId }
    await saveIdentity(enrolled, stateDirectory)
    log.info(`enrolled at ${server} as ${instanceId}`, { name })
    return enrolled
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

function stayConnected(
  { server, stateDirectory, log, memory }: AgentOptions,
  identity: EnrolledIdentity,
  fingerprint: Fingerprint,
  worker: Awaited<ReturnType<typeof createWorker>>,
  facts: FactsSource,
  trust: ServerTrust,
  codeTrust: CodeTrust,
  signal: AbortSignal,
): Promise<ConnectionEnd> {
  const keys = createAgentKeys(identity, stateDirectory)
  const refresh = new CaRefresh(trust, { clock: systemClock, random: Math.random, log })
  const connection = new ConnectionToServer({
    server,
    network: trust,
    onOffline: () => refresh.offline(),
    onTrustFile: (file) => void takeTrustFile(codeTrust, file, { clock: systemClock, log }),
    instanceId: identity.instanceId,
    sign: keys.sign,
    renewal: keys,
    fingerprint,
    run: randomBytes(16).toString('hex'),
    facts: facts.current,
    worker,
    clock: systemClock,
    random: Math.random,
    log,
    onOnline: () => {
      refresh.online()
      watch?.online()
      void writeConnectionRecord(stateDirectory, { program: basename(ownProgramFolder), pid: process.pid }).catch(
        (error: unknown) => log.warn('the connection cannot be recorded', { error: String(error) }),
      )
    },
  })
  const watch =
    memory &&
    watchMemory({
      ...memory,
      clock: systemClock,
      countOpen: () => worker.open().length,
      readRssBytes: process.memoryUsage.rss,
      onOutgrown(rssBytes) {
        log.info('starts again to return memory', { rssBytes })
        memory.onOutgrown()
        stop()
      },
    })
  facts.onChange((changed) => connection.sendFacts(changed))
  connection.start()
  const stop = () => void connection.stop(stopPatienceMs)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  return connection.ended.finally(() => watch?.close())
}

function exitCodeOf(end: ConnectionEnd, { server, stateDirectory, log }: AgentOptions): number {
  if (end.kind === 'refused') {
    log.error(
      `${server} refuses this instance permanently: ${end.message} (${end.code}). The agent ends and is not started again. To enrol this machine again, delete ${stateDirectory} and install the agent with a join token, or start it with --token`,
    )
    return exitCodeOfRemovedInstance
  }
  log.info(
    end.unsentReports ? 'stopped; what the server has not acknowledged is reported at the next start' : 'stopped',
  )
  return 0
}
