import type { InstalledOutcome, InvocationOutcome } from '../../core/execution/invocation.ts'
import { maxOutputChunkBytes, parallelInvocations } from '../../core/limits.ts'
import { makeReason } from '../../core/reason/reason.ts'
import type { Clock, Timer } from '../../lib/clock.ts'
import type {
  InstallationMessage,
  InstalledRecordEntry,
  InvocationMessage,
  OpenInvocation,
  Reconciliation,
  ReportEntry,
} from '../../protocol/agent-messages.ts'
import { sendOutcome } from '../invocation/send-outcome.ts'
import type { Worker } from '../invocation/worker.ts'
import { createSeededRandom } from './seeded-random.ts'

/** Behaviour of simulated scripts; shared by all workers of a simulation. */
export interface Behaviour {
  /** Minimum and maximum duration of a script. */
  readonly durationMs: { readonly min: number; readonly max: number }
  /** Share of scripts that fail, 0 to 1. */
  readonly failureRate: number
  /** Stdout of a script. */
  readonly outputBytes: number
  readonly clock: Clock
  /** Called with every end. */
  readonly onEnd: (state: InvocationOutcome['state']) => void
}

const maxEntries = 256
/** Upper bound for the JSON of an entry without its data or reason. */
const entryOverheadBytes = 512
/**
 * Ended invocations that a worker remembers: the server hands out again only invocations that are
 * open and unreported.
 */
const rememberedEnds = 32

/**
 * A worker whose scripts only take time. Otherwise it behaves like the real one: an id that is
 * offered twice starts once, reports come in order and are taken again until they are acknowledged.
 * State is in memory: it is lost when the simulation ends.
 */
export class SimulatedWorker implements Worker {
  readonly #behaviour: Behaviour
  readonly #random: () => number
  readonly #running = new Map<string, { invocation: InvocationMessage; timer: Timer; result: InvocationOutcome }>()
  readonly #installed = new Map<string, InstalledOutcome>()
  readonly #open = new Set<string>()
  /** In order of arrival; one at a time per extension, and a few in total, as with the real one. */
  readonly #waiting = new Map<string, InvocationMessage>()
  #ended: string[] = []
  #unsent: ReportEntry[] = []
  #taken: ReportEntry[][] = []
  #listener: (() => void) | undefined

  constructor(behaviour: Behaviour, seed: number) {
    this.#behaviour = behaviour
    this.#random = createSeededRandom(seed)
  }

  offer(invocation: InvocationMessage): Promise<void> {
    const { id } = invocation
    if (!this.#open.has(id) && !this.#ended.includes(id)) this.#accept(invocation)
    return Promise.resolve()
  }

  #accept(invocation: InvocationMessage): void {
    const { id } = invocation
    this.#open.add(id)
    this.#say(id, 'accepted')
    this.#waiting.set(id, invocation)
    this.#startWaiting()
    if (this.#waiting.has(id)) this.#say(id, 'waiting')
    this.#listener?.()
  }

  #startWaiting(): void {
    for (const [id, invocation] of this.#waiting) {
      if (!this.#hasRoomFor(invocation)) continue
      this.#waiting.delete(id)
      this.#begin(invocation)
    }
  }

  #hasRoomFor({ extensionId }: InvocationMessage): boolean {
    if (this.#running.size >= parallelInvocations) return false
    return !Array.from(this.#running.values()).some(({ invocation }) => invocation.extensionId === extensionId)
  }

  #begin(invocation: InvocationMessage): void {
    const { durationMs, failureRate, clock } = this.#behaviour
    const { id, wanted, installed } = invocation
    if (invocation.artifactUrl !== undefined) this.#say(id, 'downloading')
    this.#say(id, 'running')
    const takesMs = durationMs.min + this.#random() * (durationMs.max - durationMs.min)
    const timeoutMs = (wanted ?? installed)?.configuration.run.timeoutMs ?? Number.POSITIVE_INFINITY
    const fails = this.#random() < failureRate
    const result =
      takesMs > timeoutMs ? this.#timedOut(invocation) : fails ? this.#failed(invocation) : succeeded(invocation)
    if (takesMs < 1) return this.#end(invocation, result)
    const over = () => {
      this.#end(invocation, result)
      this.#startWaiting()
      this.#listener?.()
    }
    this.#running.set(id, { invocation, timer: clock.setTimeout(over, Math.min(takesMs, timeoutMs)), result })
  }

  cancel(invocationId: string): void {
    const waiting = this.#waiting.get(invocationId)
    const running = this.#running.get(invocationId)
    const cancelled = { state: 'cancelled', reasonCode: 'CancelledByUser' } as const
    if (waiting !== undefined) {
      this.#waiting.delete(invocationId)
      this.#end(waiting, { ...cancelled, reason: makeReason('CancelledBeforeAnything') })
    } else if (running !== undefined) {
      running.timer.cancel()
      const reason = makeReason('Simulated', { end: 'cancelled' })
      this.#end(running.invocation, { ...cancelled, reason, installed: this.#broken(running.invocation) })
      this.#startWaiting()
    }
    this.#listener?.()
  }

  open(): OpenInvocation[] {
    const stateOf = (id: string) => (this.#running.has(id) ? 'running' : this.#waiting.has(id) ? 'waiting' : 'ended')
    return Array.from(this.#open, (id) => ({ id, state: stateOf(id) }))
  }

  installed(): InstalledRecordEntry[] {
    return Array.from(this.#installed, ([extensionId, outcome]) =>
      outcome.status === 'absent' ? [] : [{ extensionId, extensionName: '', ...outcome }],
    ).flat()
  }

  waiting(): string[] {
    return [...this.#waiting.keys()]
  }

  reconcile({ cancelled, over, wanted }: Reconciliation): void {
    for (const id of cancelled) this.cancel(id)
    for (const id of over) if (this.#waiting.has(id)) this.cancel(id)
    // It remembers few ends, without their details: it answers requests for others with unknown.
    for (const id of wanted)
      if (!this.#open.has(id)) this.#unsent.push({ kind: 'unknown', invocationId: id, at: this.#now() })
    this.#listener?.()
  }

  take(maxBytes: number): ReportEntry[] {
    let sizeBytes = 0
    let count = 0
    for (const entry of this.#unsent) {
      sizeBytes += entryOverheadBytes + (entry.kind === 'output' ? entry.data.length : 0)
      if (count === maxEntries || (count > 0 && sizeBytes > maxBytes)) break
      count++
    }
    if (count === 0) return []
    const batch = this.#unsent.splice(0, count)
    this.#taken.push(batch)
    return batch
  }

  acknowledged(batch: ReportEntry[]): void {
    for (const taken of this.#taken.splice(0, this.#taken.indexOf(batch) + 1))
      for (const entry of taken) if (entry.kind === 'end' || entry.kind === 'unknown') this.#forget(entry.invocationId)
  }

  rewind(): void {
    this.#unsent = [...this.#taken.flat(), ...this.#unsent]
    this.#taken = []
  }

  onReport(listener: () => void): void {
    this.#listener = listener
  }

  close(): Promise<void> {
    for (const { timer } of this.#running.values()) timer.cancel()
    this.#running.clear()
    this.#waiting.clear()
    return Promise.resolve()
  }

  #forget(invocationId: string): void {
    this.#open.delete(invocationId)
    this.#ended = [...this.#ended.slice(1 - rememberedEnds), invocationId]
  }

  #say(invocationId: string, state: 'accepted' | 'waiting' | 'downloading' | 'running'): void {
    this.#unsent.push({ kind: 'state', invocationId, at: this.#now(), state })
  }

  #end(invocation: InvocationMessage, ended: InvocationOutcome): void {
    const { id: invocationId, extensionId } = invocation
    const outcome = invocation.action === 'run' ? withoutInstalled(ended) : ended
    const { outputBytes, onEnd } = this.#behaviour
    this.#running.delete(invocationId)
    for (const { offset, data } of chunksOf(outputBytes))
      this.#unsent.push({ kind: 'output', invocationId, at: this.#now(), stream: 'stdout', offset, data })
    const end = { stdoutBytes: outputBytes, stderrBytes: 0, cutBytes: 0, outcome: sendOutcome(outcome) }
    this.#unsent.push({ kind: 'end', invocationId, at: this.#now(), ...end })
    if (outcome.installed !== undefined) this.#installed.set(extensionId, outcome.installed)
    onEnd(outcome.state)
  }

  #now(): number {
    return Math.round(this.#behaviour.clock.now())
  }

  #failed(invocation: InvocationMessage): InvocationOutcome {
    const reason = makeReason('Simulated', { end: 'failed' })
    return { state: 'failed', reasonCode: 'ScriptFailed', reason, exitCode: 1, installed: this.#broken(invocation) }
  }

  #timedOut(invocation: InvocationMessage): InvocationOutcome {
    const reason = makeReason('Simulated', { end: 'timedOut' })
    return { state: 'timedOut', reasonCode: 'ScriptTimedOut', reason, installed: this.#broken(invocation) }
  }

  /** An incomplete mutation: of the wanted version or, for an uninstall, of the installed one. */
  #broken({ wanted, installed, extensionId }: InvocationMessage): InstalledOutcome {
    const before = this.#installed.get(extensionId)
    if (wanted === undefined && before?.status !== 'absent' && before !== undefined)
      return { ...before, status: 'broken' }
    const installation = wanted ?? installed
    return installation === undefined ? { status: 'absent' } : { status: 'broken', ...stateOf(installation) }
  }
}

/** A command installs nothing. */
const withoutInstalled = ({ installed: _, ...outcome }: InvocationOutcome): InvocationOutcome => outcome

const succeeded = ({ wanted }: InvocationMessage): InvocationOutcome => ({
  state: 'succeeded',
  reasonCode: 'Succeeded',
  reason: makeReason('Simulated', { end: 'succeeded' }),
  exitCode: 0,
  installed: wanted === undefined ? { status: 'absent' } : { status: 'installed', ...stateOf(wanted) },
})

const stateOf = ({ version, configuration, parametersDigest, contentDigest }: InstallationMessage) => ({
  version,
  configurationId: configuration.id,
  parametersDigest,
  contentDigest,
})

const line = 'simulated output, sixty-four bytes a line including the newline\n'
let printed: { outputBytes: number; chunks: readonly { offset: number; data: string }[] } = {
  outputBytes: 0,
  chunks: [],
}

/** One text for all scripts: ten thousand instances print it, and share one copy. */
function chunksOf(outputBytes: number): typeof printed.chunks {
  if (printed.outputBytes === outputBytes) return printed.chunks
  const bytes = Buffer.alloc(outputBytes, line)
  const count = Math.ceil(outputBytes / maxOutputChunkBytes)
  const chunks = Array.from({ length: count }, (_, index) => {
    const offset = index * maxOutputChunkBytes
    return { offset, data: bytes.subarray(offset, offset + maxOutputChunkBytes).toString('base64') }
  })
  printed = { outputBytes, chunks }
  return chunks
}
