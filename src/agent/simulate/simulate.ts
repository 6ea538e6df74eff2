import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { type Clock, systemClock, type Timer } from '../../lib/clock.ts'
import { type Logger, silentLogger } from '../../lib/logger.ts'
import { ConnectionToServer } from '../connection/connection.ts'
import { enrol } from '../connection/enrol.ts'
import { signWith } from '../connection/identity.ts'
import type { Network } from '../connection/network.ts'
import { openServerTrust, type TrustOptions } from '../connection/server-trust.ts'
import type { WireFacts } from '../facts/fit-facts.ts'
import type { Worker } from '../invocation/worker.ts'
import { readProxyEnvironment } from '../platform/proxy-environment.ts'
import { createStopSignal } from '../stop-signal.ts'
import type { FleetMembers } from './fleet-members.ts'
import { createRealMembers } from './real-members.ts'
import { createSeededRandom } from './seeded-random.ts'
import { createSimulatedMembers } from './simulated-members.ts'
import { createWheelClock } from './wheel-clock.ts'

export interface SimulationOptions {
  readonly server: string
  /** A join token that may be used `count` times. */
  readonly token: string
  readonly count: number
  readonly scripts: ScriptsOptions
  /** Rate of enrolments and connections per second. */
  readonly connectRatePerSecond: number
  /** Seed of all random decisions. */
  readonly seed: number
  /** Instances are named `<namePrefix>-1`, `<namePrefix>-2`… */
  readonly namePrefix: string
  readonly tags: Readonly<Record<string, string>>
  /** How to verify the server. */
  readonly trust?: TrustOptions
  /** Receives the line that reports that all are connected, without its newline. */
  readonly print: (line: string) => void
  readonly log: Logger
  /** Ends the simulation, as SIGTERM and SIGINT do. */
  readonly signal?: AbortSignal
}

export type ScriptsOptions =
  | {
      readonly kind: 'simulated'
      /** Minimum and maximum duration of a script. */
      readonly durationMs: { readonly min: number; readonly max: number }
      /** 0 to 1. */
      readonly failureRate: number
      /** Output of each script. */
      readonly outputBytes: number
    }
  /**
   * Run on this machine, by the real worker; state in a new directory below `parentDirectory`,
   * removed at the end.
   */
  | { readonly kind: 'real'; readonly parentDirectory: string }

/** Concurrent enrolments: enough to hide the round trip, few enough not to queue at the server. */
const enrolParallelism = 16
/**
 * One timer wheel serves the heartbeats and backoffs of all connections; a tenth of a second is
 * precise enough.
 */
const wheelTickMs = 100
const progressMs = 5_000
const stopPatienceMs = 2_000

/**
 * Simulates `count` instances in this process: each has its own key, enrols over HTTP and speaks
 * the real protocol through the real connection; scripts are simulated or real. Resolves with exit
 * code 0 when it is stopped. Rejects with OperatorError when the server refuses the enrolment.
 */
export async function runSimulation(options: SimulationOptions): Promise<number> {
  using stop = createStopSignal(options.signal)
  const { server, scripts, seed, log } = options
  const network = await openServerTrust(server, options.trust ?? {}, {
    stateDirectory: undefined,
    proxyEnv: readProxyEnvironment(),
    clock: systemClock,
    log,
  })
  const members =
    scripts.kind === 'real'
      ? await createRealMembers({ server, parentDirectory: scripts.parentDirectory, log, network })
      : createSimulatedMembers(seed, scripts)
  const fleet = new SimulatedFleet(options, members, network)
  try {
    await fleet.connectAll(stop.signal)
    await aborted(stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    await fleet.stop()
  }
  return 0
}

class SimulatedFleet {
  readonly #options: SimulationOptions
  readonly #clock: Clock
  readonly #members: FleetMembers
  readonly #network: Network
  readonly #connections: ConnectionToServer[] = []
  readonly #workers: Worker[] = []
  readonly #random: () => number
  #online = 0
  #refused = 0
  #isAnnounced = false
  #progress: Timer | undefined
  #isStopped = false

  constructor(options: SimulationOptions, members: FleetMembers, network: Network) {
    this.#network = network
    this.#options = options
    this.#members = members
    this.#clock = createWheelClock(systemClock, wheelTickMs)
    this.#random = createSeededRandom(options.seed)
  }

  async connectAll(signal: AbortSignal): Promise<void> {
    const { count, connectRatePerSecond } = this.#options
    const startedAt = systemClock.monotonicMs()
    const failed = new AbortController()
    const either = AbortSignal.any([signal, failed.signal])
    let next = 0
    const lane = async () => {
      for (let ordinal = next++; ordinal < count; ordinal = next++) {
        const dueAt = startedAt + (ordinal * 1_000) / connectRatePerSecond
        if (dueAt > systemClock.monotonicMs()) await systemClock.wait(dueAt - systemClock.monotonicMs(), either)
        await this.#connect(ordinal, either)
      }
    }
    const lanes = Array.from({ length: Math.min(enrolParallelism, count) }, () =>
      lane().catch((error: unknown) => {
        failed.abort()
        throw error
      }),
    )
    const results = await Promise.allSettled(lanes)
    // The first failure aborted the others, whose "aborted" is not a cause.
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []))
    const reason = reasons.find(({ name }) => name !== 'AbortError') ?? reasons[0]
    if (reason !== undefined) throw reason
  }

  async #connect(ordinal: number, signal: AbortSignal): Promise<void> {
    const { server, token, namePrefix, tags, log } = this.#options
    const { privateKey } = generateKeyPairSync('ed25519')
    const name = `${namePrefix}-${ordinal + 1}`
    const facts = () => this.#members.facts(ordinal, name)
    const random = this.#random
    const who = { server, token, privateKey, name, tags, facts: facts() }
    const instanceId = await enrol({ ...who, clock: this.#clock, random, log, network: this.#network, signal })
    signal.throwIfAborted()
    const worker = await this.#members.createWorker(ordinal, instanceId)
    this.#workers.push(worker)
    signal.throwIfAborted()
    const connection = this.#makeConnection(instanceId, privateKey, facts, worker)
    this.#connections.push(connection)
    connection.start()
  }

  #makeConnection(
    instanceId: string,
    privateKey: KeyObject,
    facts: () => WireFacts,
    worker: Worker,
  ): ConnectionToServer {
    const { server, log } = this.#options
    const connection = new ConnectionToServer({
      server,
      network: this.#network,
      instanceId,
      sign: (text) => signWith(privateKey, text),
      run: randomBytes(16).toString('hex'),
      facts,
      worker,
      clock: this.#clock,
      random: this.#random,
      // Ten thousand connections that are lost at once produce one line, see #planProgress.
      log: silentLogger,
      onOnline: () => this.#counted(1),
      onOffline: () => this.#counted(-1),
    })
    void connection.ended.then((end) => {
      if (end.kind !== 'refused') return
      log.warn(`${instanceId} was refused: ${end.message} (${end.code})`)
      this.#refused++
      this.#counted(0)
    })
    return connection
  }

  #counted(change: -1 | 0 | 1): void {
    this.#online += change
    const { count, print } = this.#options
    if (!this.#isAnnounced && this.#online > 0 && this.#online + this.#refused === count) {
      this.#isAnnounced = true
      print(`${this.#online} simulated instances connected`)
    } else if (!this.#isStopped) this.#planProgress()
  }

  #planProgress(): void {
    this.#progress ??= this.#clock.setTimeout(() => {
      this.#progress = undefined
      this.#options.log.info(`${this.#online} of ${this.#options.count} simulated instances are connected`)
    }, progressMs)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#progress?.cancel()
    await Promise.all(this.#workers.map((worker) => worker.close()))
    await Promise.all(this.#connections.map((connection) => connection.stop(stopPatienceMs)))
    this.#options.log.info('simulation ended', await this.#members.close())
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
