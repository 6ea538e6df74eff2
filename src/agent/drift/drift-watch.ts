import type { AgentReason } from '../../core/install/agent-reason.ts'
import { maxDriftEntries } from '../../core/limits.ts'
import type { Clock, Timer } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { InstalledRecordEntry } from '../../protocol/agent-messages.ts'
import type { InstalledRecord } from '../../protocol/agent-records.ts'
import type { DriftEntry } from '../../protocol/drift-message.ts'

/** What a check of an installed extension found. */
export type InstalledFinding =
  | { readonly kind: 'holds' }
  | { readonly kind: 'drifted'; readonly reason: AgentReason }
  /** Nothing can be said about it: it has no checks, or they could not be run. */
  | { readonly kind: 'unknown' }

export interface DriftWatchOptions {
  readonly records: {
    list(): readonly InstalledRecordEntry[]
    read(extensionId: string): Promise<InstalledRecord | undefined>
  }
  /** Rejects when the signal aborts. */
  readonly check: (record: InstalledRecord, signal: AbortSignal) => Promise<InstalledFinding>
  /** Whether an invocation may be changing what is installed. */
  readonly isChanging: () => boolean
  readonly clock: Clock
  /** In [0, 1), like Math.random. */
  readonly random: () => number
  readonly log: Logger
}

interface Found {
  readonly recordedAt: number
  /** On the monotonic clock. */
  readonly since: number
  readonly entry: Omit<DriftEntry, 'agoMs'>
}

/** A round that an invocation has prevented or interrupted is repeated after this time. */
const busyRetryMs = 60_000

/**
 * Checks the installed extensions at jittered intervals, and reports those that no longer hold what
 * they were installed with: all of them, whenever they have changed, and once after each connect. A
 * round gives way to invocations.
 */
export class DriftWatch {
  readonly #options: DriftWatchOptions
  readonly #found = new Map<string, Found>()
  #listener: (entries: DriftEntry[]) => boolean = () => false
  #intervalMs: number | undefined
  #timer: Timer | undefined
  #round: AbortController | undefined
  #running: Promise<void> = Promise.resolve()
  /** What the server knows; undefined: unknown since the last connect. */
  #reported: string | undefined

  constructor(options: DriftWatchOptions) {
    this.#options = options
  }

  /** @param listener sends the entries; false: there is no connection */
  onReport(listener: (entries: DriftEntry[]) => boolean): void {
    this.#listener = listener
  }

  /** The agent is connected. @param intervalMs undefined: the server wants no checks */
  connected(intervalMs: number | undefined): void {
    this.#reported = undefined
    if (this.#intervalMs === intervalMs) return
    this.#intervalMs = intervalMs
    this.#timer?.cancel()
    this.interrupt()
    // Agents that connect at the same time do not look at the same time.
    if (intervalMs !== undefined) this.#plan(intervalMs * this.#options.random())
  }

  /** Work is about to begin: what a running round sees would be misleading. */
  interrupt(): void {
    this.#round?.abort(new Error('work is about to begin'))
  }

  /** The extension was installed, changed or removed, which the agent reports in any case. */
  forget(extensionId: string): void {
    this.interrupt()
    this.#found.delete(extensionId)
    this.#reported = undefined
  }

  /** Resolves when no check runs any more. */
  async close(): Promise<void> {
    this.#intervalMs = undefined
    this.#timer?.cancel()
    this.interrupt()
    await this.#running
  }

  #plan(delayMs: number): void {
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#running = this.#look()
    }, delayMs)
  }

  async #look(): Promise<void> {
    const { clock, isChanging, log, random } = this.#options
    const round = new AbortController()
    this.#round = round
    let isComplete = false
    try {
      if (!isChanging()) {
        await this.#checkAll(round.signal)
        isComplete = true
      }
    } catch (error) {
      if (!round.signal.aborted) log.error('the installed extensions could not be checked', { error: String(error) })
    }
    this.#round = undefined
    const intervalMs = this.#intervalMs
    if (intervalMs === undefined) return
    if (isComplete) this.#report(clock.monotonicMs())
    this.#plan((isComplete ? intervalMs : Math.min(intervalMs, busyRetryMs)) * (0.75 + random() / 2))
  }

  async #checkAll(signal: AbortSignal): Promise<void> {
    const { records, check } = this.#options
    const listed = records.list()
    for (const { extensionId, status } of listed) {
      const record = status === 'installed' ? await records.read(extensionId) : undefined
      const finding = record ? await check(record, signal) : undefined
      signal.throwIfAborted()
      if (record && finding?.kind === 'drifted') this.#note(record, finding.reason)
      else if (finding?.kind !== 'unknown') this.#found.delete(extensionId)
    }
    const known = new Set(listed.map(({ extensionId }) => extensionId))
    for (const extensionId of this.#found.keys()) if (!known.has(extensionId)) this.#found.delete(extensionId)
  }

  #note(record: InstalledRecord, reason: AgentReason): void {
    const { extensionId, installation, recordedAt } = record
    const earlier = this.#found.get(extensionId)
    const isSame = earlier?.recordedAt === recordedAt
    this.#found.set(extensionId, {
      recordedAt,
      since: isSame ? earlier.since : this.#options.clock.monotonicMs(),
      entry: {
        extensionId,
        version: installation.version,
        configurationId: installation.configuration.id,
        parametersDigest: installation.parametersDigest,
        reasonMessages: [...reason],
      },
    })
  }

  #report(now: number): void {
    const found = [...this.#found.values()].slice(0, maxDriftEntries)
    const text = JSON.stringify(found.map(({ entry }) => entry))
    if (text === this.#reported) return
    const entries = found.map(({ entry, since }) => ({ ...entry, agoMs: Math.round(now - since) }))
    if (this.#listener(entries)) this.#reported = text
  }
}
