import { join } from 'node:path'
import type { InvocationMessage, OpenInvocation, Reconciliation, ReportEntry } from '../../protocol/agent-messages.ts'
import { createOutbox, type Outbox, type ReportSource } from '../connection/outbox.ts'
import type { EndedLog } from '../state/ended-log.ts'
import type { HeldOutput } from '../state/held-output.ts'
import type { EndEntry, JournalEntry } from '../state/journal.ts'
import { openReportLog } from '../state/report-log.ts'
import type { Engine } from './engine.ts'
import { InvocationRun } from './invocation-run.ts'
import { toStepFailure } from './step-error.ts'

/**
 * The invocations of this instance: known, running and waiting ones. Runs one at a time per
 * extension, in order of arrival, and `parallel` in total. Invocations that started before a
 * restart go first.
 */
export class InvocationQueue {
  readonly outbox: Outbox = createOutbox()
  readonly #engine: Engine
  readonly #ended: EndedLog
  readonly #heldOutput: HeldOutput
  readonly #parallel: number
  /** Journalled and not acknowledged. */
  readonly #runs = new Map<string, InvocationRun>()
  readonly #waiting: InvocationRun[] = []
  readonly #busy = new Set<string>()
  readonly #cancelledEarly = new Set<string>()
  /** Ids whose offer is being journalled, and ends that are only being repeated. */
  readonly #accepting = new Map<string, Promise<void>>()
  readonly #repeated = new Set<string>()
  readonly #work = new Set<Promise<void>>()
  #listener: () => void = () => {}

  constructor(engine: Engine, ended: EndedLog, heldOutput: HeldOutput, parallel: number) {
    this.#engine = engine
    this.#ended = ended
    this.#heldOutput = heldOutput
    this.#parallel = parallel
  }

  onReport(listener: () => void): void {
    this.#listener = listener
  }

  /** Resumes the invocations in the journal. */
  async load(): Promise<void> {
    const { entries, unreadable } = await this.#engine.journal.load()
    for (const id of unreadable)
      this.#endWithout(
        id,
        'Interrupted',
        'The journal of this task on the instance cannot be read; how far it came is not known.',
      )
    // Ended invocations first, in order: their changes of the installed record are applied again,
    // and the last one is the valid one.
    const rankOf = ({ state }: JournalEntry) => (state.end ? 0 : state.steps.some(({ run }) => run) ? 1 : 2)
    for (const entry of entries.toSorted((a, b) => rankOf(a) - rankOf(b))) this.#waiting.push(this.#add(entry))
    await this.#removeUnneededArtifacts()
    this.#startWaiting()
  }

  async offer(invocation: InvocationMessage): Promise<void> {
    const { id } = invocation
    if (this.#runs.has(id) || this.#repeated.has(id)) return
    const accepting = this.#accepting.get(id)
    if (accepting) return accepting
    const accept = this.#accept(invocation).finally(() => this.#accepting.delete(id))
    this.#accepting.set(id, accept)
    return accept
  }

  async #accept(invocation: InvocationMessage): Promise<void> {
    const { id } = invocation
    const end = await this.#ended.get(id)
    if (end) return this.#repeat(end)
    let entry: JournalEntry
    try {
      assertSafeName(invocation.extensionId)
      entry = await this.#engine.journal.add(invocation, this.#engine.clock.now())
    } catch (error) {
      // Not in the journal, so it never starts; at least the log mentions it.
      const { reasonCode, reason } = toStepFailure(error)
      return this.#endWithout(id, reasonCode, `The task was not started. ${reason}`)
    }
    this.#engine.onStep('accepted')
    const run = this.#add(entry)
    if (this.#cancelledEarly.delete(id)) run.cancel()
    this.#waiting.push(run)
    this.#startWaiting()
    if (this.#waiting.includes(run)) run.sayWaiting()
  }

  cancel(id: string): void {
    if (this.#accepting.has(id)) this.#cancelledEarly.add(id)
    const run = this.#runs.get(id)
    if (!run) return
    run.cancel()
    // A waiting invocation ends at once.
    this.#startWaiting()
  }

  open(): OpenInvocation[] {
    const waiting = new Set(this.waiting())
    return [
      ...Array.from(this.#runs, ([id, run]) => ({ id, state: waiting.has(id) ? ('waiting' as const) : run.state })),
      ...Array.from(this.#repeated, (id) => ({ id, state: 'ended' as const })),
    ]
  }

  /** Invocations that have not started and wait. */
  waiting(): string[] {
    return this.#waiting.flatMap(({ hasBegun, entry, invocation }) =>
      hasBegun || entry.state.end ? [] : [invocation.id],
    )
  }

  /** Applies the server's answer to a hello. */
  reconcile({ cancelled, over, wanted }: Reconciliation): void {
    for (const id of cancelled) this.cancel(id)
    for (const id of over) if (!this.#runs.get(id)?.hasBegun) this.cancel(id)
    for (const id of wanted) this.#track(this.#answer(id))
  }

  /**
   * Reports the end of an invocation again, or that there is no record of it. An open invocation
   * reports by itself.
   */
  async #answer(id: string): Promise<void> {
    const isOpen = () => this.#runs.has(id) || this.#repeated.has(id) || this.#accepting.has(id)
    if (isOpen()) return
    const end = await this.#ended.get(id)
    if (isOpen()) return
    this.#repeat(end ?? { kind: 'unknown', invocationId: id, at: this.#engine.clock.now() })
  }

  /** After `closing`: all runs have stopped and all files are closed. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#accepting.values())
    while (this.#work.size > 0) await Promise.allSettled(this.#work)
    for (const [id, run] of this.#runs) {
      await this.#engine.journal.release(id)
      this.#sources.get(run)?.log.close()
    }
  }

  #add(entry: JournalEntry): InvocationRun {
    const { invocation } = entry
    const log = openReportLog(join(this.#engine.journal.directoryOf(invocation.id), 'report.jsonl'))
    const now = () => Math.max(log.lastAt, this.#engine.clock.now())
    const run = new InvocationRun(this.#engine, entry, { log, now, notify: () => this.#listener() })
    if (log.count === 0) log.append({ kind: 'state', at: Math.max(entry.acceptedAt, 0), state: 'accepted' })
    this.#runs.set(invocation.id, run)
    const source: ReportSource = {
      invocationId: invocation.id,
      log,
      end: undefined,
      read: (stream, offset, length) => run.output.read(stream, offset, length),
      onEndAcknowledged: () => this.#track(this.#forget(run, source)),
    }
    this.#sources.set(run, source)
    this.outbox.add(source)
    this.#listener()
    return run
  }
  readonly #sources = new Map<InvocationRun, ReportSource>()

  #startWaiting(): void {
    if (this.#engine.closing.aborted) return
    for (const run of this.#waiting.slice()) {
      const { extensionId } = run.invocation
      const isOver = run.entry.state.cancelled && !run.hasBegun
      if (!isOver && (this.#busy.has(extensionId) || this.#busy.size >= this.#parallel)) continue
      this.#waiting.splice(this.#waiting.indexOf(run), 1)
      if (!isOver) this.#busy.add(extensionId)
      this.#track(this.#carryOut(run, isOver ? undefined : extensionId))
    }
  }

  async #carryOut(run: InvocationRun, holds: string | undefined): Promise<void> {
    const { closing, log } = this.#engine
    try {
      await run.carryOut()
      this.#reportEnd(run)
      await run.finishPending()
      await this.#engine.journal.release(run.invocation.id)
      if (run.usesArtifact) await this.#removeUnneededArtifacts()
    } catch (error) {
      if (closing.aborted) return
      const invocationId = run.invocation.id
      log.error('cannot resume an invocation', {
        invocationId,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      })
      if (!run.entry.state.end) {
        const { reasonCode, reason } = toStepFailure(error)
        run.entry.state.end = this.#makeEnd(invocationId, reasonCode, reason, this.#sources.get(run)?.log.lastAt)
      }
      this.#reportEnd(run)
    } finally {
      if (holds !== undefined) this.#busy.delete(holds)
      this.#startWaiting()
    }
  }

  #reportEnd(run: InvocationRun): void {
    const source = this.#sources.get(run)
    if (source) source.end = run.entry.state.end
    this.#listener()
  }

  /** The server has the end: from here on, only the end is kept. */
  async #forget(run: InvocationRun, source: ReportSource): Promise<void> {
    const { id } = run.invocation
    await run.finishPending()
    while (!(await this.#remember(run, run.entry.state.end))) {
      await this.#engine.clock.wait(retryMs, this.#engine.closing)
      // It stays in the journal as ended, and its end is reported again after a restart.
      if (this.#engine.closing.aborted) return
    }
    source.log.close()
    await this.#engine.journal.release(id)
    this.#runs.delete(id)
    this.#sources.delete(run)
    this.#engine.journal.moveToHeld(id, this.#heldOutput.directory)
    await this.#heldOutput.settle(id)
    this.#engine.onStep('forgotten')
  }

  async #remember({ invocation }: InvocationRun, end: EndEntry | undefined): Promise<boolean> {
    if (this.#engine.closing.aborted) return false
    try {
      await Promise.all([this.#engine.records.flush(invocation.extensionId), end && this.#ended.add(end)])
      return true
    } catch (error) {
      this.#engine.log.error('cannot write the end of an invocation', {
        invocationId: invocation.id,
        error: String(error),
      })
      return false
    }
  }

  /** An end without further state. */
  #endWithout(id: string, reasonCode: EndEntry['outcome']['reasonCode'], reason: string): void {
    this.#repeat(this.#makeEnd(id, reasonCode, reason))
  }

  #makeEnd(
    invocationId: string,
    reasonCode: EndEntry['outcome']['reasonCode'],
    reason: string,
    notBefore = 0,
  ): EndEntry {
    const outcome = { state: 'failed', reasonCode, reason: reason.slice(0, maxReasonLength) } as const
    return {
      kind: 'end',
      invocationId,
      at: Math.max(notBefore, this.#engine.clock.now()),
      outcome,
      stdoutBytes: 0,
      stderrBytes: 0,
      cutBytes: 0,
    }
  }

  #repeat(end: ReportEntry & { kind: 'end' | 'unknown' }): void {
    const { invocationId } = end
    this.#repeated.add(invocationId)
    const onEndAcknowledged = () => void this.#repeated.delete(invocationId)
    this.outbox.add({ invocationId, log: openReportLog(), end, read: () => Buffer.alloc(0), onEndAcknowledged })
    this.#listener()
  }

  async #removeUnneededArtifacts(): Promise<void> {
    const needed = new Set(this.#engine.records.artifacts())
    for (const { invocation, entry } of this.#runs.values())
      for (const recipe of [invocation.wanted, invocation.installed])
        if (!entry.state.end && recipe?.configuration.artifact) needed.add(recipe.configuration.artifact.sha256)
    await this.#engine.artifacts
      .removeUnneeded(needed)
      .catch((error: unknown) => this.#engine.log.warn('cannot remove unused artifacts', { error: String(error) }))
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => {
        if (!this.#engine.closing.aborted)
          this.#engine.log.error('unexpected error in the worker', {
            error: error instanceof Error ? (error.stack ?? error.message) : String(error),
          })
      })
      .finally(() => this.#work.delete(tracked))
    this.#work.add(tracked)
  }
}

const maxReasonLength = 1_024
/** Delay between attempts to write to a full disk. */
const retryMs = 5_000

/** It becomes a file name. */
function assertSafeName(extensionId: string): void {
  if (!/^[0-9A-Za-z][0-9A-Za-z_-]*$/.test(extensionId))
    throw new Error(`the server sent the extension id ${JSON.stringify(extensionId)}, which is none`)
}
