import { join } from 'node:path'
import type { AgentReason } from '../../core/install/agent-reason.ts'
import { makeReason } from '../../core/reason/reason.ts'
import type { TrustRefusal } from '../../core/trust/trust-refusal.ts'
import type { InvocationMessage, OpenInvocation, Reconciliation, ReportEntry } from '../../protocol/agent-messages.ts'
import type { EndEntry } from '../../protocol/agent-records.ts'
import { createOutbox, type Outbox, type ReportSource } from '../connection/outbox.ts'
import type { EndedLog } from '../state/ended-log.ts'
import type { HeldOutput } from '../state/held-output.ts'
import type { JournalEntry } from '../state/journal.ts'
import { openReportLog } from '../state/report-log.ts'
import { checkTrust } from '../trust/check-trust.ts'
import type { Engine } from './engine.ts'
import { type CarriedOut, InvocationRecord } from './invocation-record.ts'
import { InvocationRun } from './invocation-run.ts'
import { sendOutcome } from './send-outcome.ts'
import { toStepFailure } from './step-error.ts'

/**
 * The invocations of this instance: one record for each, in the order they were journalled. At most
 * one runs for each extension, and `parallel` in all. What had begun before a restart runs first.
 * The state of a record (invocation-state.ts) says where it is in its life; which records run,
 * wait or are open is derived from the records.
 */
export class InvocationQueue {
  readonly outbox: Outbox = createOutbox()
  readonly #engine: Engine
  readonly #ended: EndedLog
  readonly #heldOutput: HeldOutput
  readonly #parallel: number
  readonly #records = new Map<string, InvocationRecord>()
  /** What the queue does by itself, which closing waits for. */
  readonly #work = new Set<Promise<void>>()
  #listener: () => void = () => {}

  constructor(engine: Engine, ended: EndedLog, heldOutput: HeldOutput, parallel: number) {
    this.#engine = engine
    this.#ended = ended
    this.#heldOutput = heldOutput
    this.#parallel = parallel
    engine.reboots.connect(
      (except) => this.#listRecords().some(({ id, run }) => id !== except && run?.isScriptRunning),
      () => this.#startWaiting(),
    )
  }

  onReport(listener: () => void): void {
    this.#listener = listener
  }

  /** Resumes the invocations in the journal. */
  async load(): Promise<void> {
    const { entries, unreadable } = await this.#engine.journal.load()
    for (const id of unreadable) this.#endWithout(id, 'Interrupted', makeReason('JournalUnreadable'))
    // Ended invocations first, in order: their changes of the installed record are applied again,
    // and the last one is the valid one.
    const rankOf = ({ state }: JournalEntry) => (state.end ? 0 : state.steps.some(({ run }) => run) ? 1 : 2)
    for (const entry of entries.toSorted((a, b) => rankOf(a) - rankOf(b)))
      this.#keep(new InvocationRecord(entry.invocation.id, 'journalled', this.#carryOutOf(entry)))
    await this.#removeUnneededArtifacts()
    // A reboot that was decided before comes first.
    for (const { id, run } of this.#listRecords()) if (run?.isRebootDue) this.#engine.reboots.request(id)
    this.#startWaiting()
  }

  async offer(invocation: InvocationMessage): Promise<void> {
    const known = this.#records.get(invocation.id)
    if (known) return known.accepting
    const record = new InvocationRecord(invocation.id, 'offered')
    this.#keep(record)
    record.accepting = this.#accept(record, invocation).finally(() => {
      record.accepting = undefined
      // It failed, nothing is on disk, and the server may offer it again.
      if (record.state === 'offered') this.#drop(record)
    })
    return record.accepting
  }

  async #accept(record: InvocationRecord, invocation: InvocationMessage): Promise<void> {
    const { id } = invocation
    const end = await this.#ended.get(id)
    if (end) return this.#repeat(end, record)
    let entry: JournalEntry
    try {
      assertSafeName(invocation.extensionId)
      const { work, checked, refusal } = await checkTrust(this.#engine, invocation)
      if (refusal) return this.#refuse(id, refusal, record)
      entry = await this.#engine.journal.add(work, this.#engine.clock.now(), checked)
    } catch (error) {
      // Not in the journal, so it never starts; at least the log mentions it.
      const { reasonCode, reason } = toStepFailure(error)
      return this.#repeat(this.#makeEnd(id, reasonCode, [...makeReason('TaskNotStarted'), ...reason]), record)
    }
    this.#engine.onStep('accepted')
    const carriedOut = this.#carryOutOf(entry)
    record.moveToJournalled(carriedOut)
    // Behind those that were journalled while this one was.
    this.#keep(record)
    if (record.isCancelledEarly) carriedOut.run.cancel()
    this.#startWaiting()
    if (record.state === 'waiting') carriedOut.run.sayWaiting()
  }

  cancel(id: string): void {
    const record = this.#records.get(id)
    if (record?.state === 'offered') record.isCancelledEarly = true
    if (!record?.run) return
    record.run.cancel()
    // A waiting invocation ends at once.
    this.#startWaiting()
  }

  open(): OpenInvocation[] {
    return this.#listRecords().flatMap(({ open }) => (open ? [open] : []))
  }

  /** Whether an invocation may change what is installed; scripts that run as commands do not count. */
  isChanging(): boolean {
    return this.#listRecords().some(({ state, run }) => {
      if (state === 'ended' || state === 'reported') return false
      return run === undefined || changesInstalled(run.invocation)
    })
  }

  /** Invocations that wait: to start, or to reboot. */
  waiting(): string[] {
    return this.#listRecords().flatMap(({ id, isWaiting, isWaitingToReboot }) =>
      isWaiting || isWaitingToReboot ? [id] : [],
    )
  }

  /** Applies the server's answer to a hello. */
  reconcile({ cancelled, over, wanted }: Reconciliation): void {
    for (const id of cancelled) this.cancel(id)
    for (const id of over) if (!this.#records.get(id)?.run?.hasBegun) this.cancel(id)
    for (const id of wanted) this.#track(this.#answer(id))
  }

  /**
   * Reports the end of an invocation again, or that there is no record of it. An open invocation
   * reports by itself.
   */
  async #answer(id: string): Promise<void> {
    if (this.#records.has(id)) return
    const end = await this.#ended.get(id)
    if (this.#records.has(id)) return
    this.#repeat(end ?? { kind: 'unknown', invocationId: id, at: this.#engine.clock.now() })
  }

  /** After `closing`: all runs have stopped and all files are closed. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#listRecords().flatMap(({ accepting }) => accepting ?? []))
    while (this.#work.size > 0) await Promise.allSettled(this.#work)
    for (const { id, source } of this.#listRecords()) {
      if (!source) continue
      await this.#engine.journal.release(id)
      source.log.close()
    }
  }

  #listRecords(): InvocationRecord[] {
    return [...this.#records.values()]
  }

  /** Last in order, also where it was there before. */
  #keep(record: InvocationRecord): void {
    this.#records.delete(record.id)
    this.#records.set(record.id, record)
  }

  #drop(record: InvocationRecord): void {
    record.move('forgotten')
    this.#records.delete(record.id)
  }

  #carryOutOf(entry: JournalEntry): CarriedOut {
    const { invocation } = entry
    const log = openReportLog(join(this.#engine.journal.directoryOf(invocation.id), 'report.jsonl'))
    const now = () => Math.max(log.lastAt, this.#engine.clock.now())
    const reports = {
      log,
      now,
      notify: () => this.#listener(),
      onRebooting: (isRebooting: boolean) =>
        this.#records.get(invocation.id)?.move(isRebooting ? 'rebooting' : 'running'),
    }
    const run = new InvocationRun(this.#engine, entry, reports)
    if (log.count === 0) log.append({ kind: 'state', at: Math.max(entry.acceptedAt, 0), state: 'accepted' })
    const source: ReportSource = {
      invocationId: invocation.id,
      log,
      end: undefined,
      read: (stream, offset, length) => run.output.read(stream, offset, length),
      onEndAcknowledged: () => this.#track(this.#forget(invocation.id)),
    }
    this.outbox.add(source)
    this.#listener()
    return { run, source }
  }

  #startWaiting(): void {
    if (this.#engine.closing.aborted) return
    const held = new Set(this.#listRecords().flatMap(({ holds }) => holds ?? []))
    for (const record of this.#listRecords()) {
      const { run, source } = record
      if ((record.state !== 'journalled' && record.state !== 'waiting') || !run || !source) continue
      const { extensionId } = run.invocation
      const isOver = run.entry.state.cancelled && !run.hasBegun
      const waitsForReboot = this.#engine.reboots.isPending && !run.hasBegun
      if (!isOver && (waitsForReboot || held.has(extensionId) || held.size >= this.#parallel)) {
        if (record.state === 'journalled') record.move('waiting')
        continue
      }
      record.move('running')
      if (!isOver) {
        record.holds = extensionId
        held.add(extensionId)
      }
      this.#track(this.#carryOut(record, { run, source }))
    }
  }

  async #carryOut(record: InvocationRecord, { run, source }: CarriedOut): Promise<void> {
    const { closing, log } = this.#engine
    try {
      await run.carryOut()
      this.#reportEnd(record, run, source)
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
        run.entry.state.end = this.#makeEnd(invocationId, reasonCode, reason, source.log.lastAt)
      }
      this.#reportEnd(record, run, source)
    } finally {
      record.holds = undefined
      this.#engine.reboots.changed()
      this.#startWaiting()
    }
  }

  #reportEnd(record: InvocationRecord, run: InvocationRun, source: ReportSource): void {
    // What fails after the end is in the outbox changes nothing of it.
    if (record.state !== 'running') return
    record.move('ended')
    source.end = run.entry.state.end
    if (source.end?.outcome.state !== 'succeeded') this.#track(this.#engine.trust.releasePlan(run.invocation.id))
    this.#listener()
  }

  /** The server has the end: from here on only the end is remembered. */
  async #forget(id: string): Promise<void> {
    const record = this.#records.get(id)
    if (!record?.run) return
    const { run, source } = record
    record.move('reported')
    await run.finishPending()
    while (!(await this.#remember(run, run.entry.state.end))) {
      await this.#engine.clock.wait(retryMs, this.#engine.closing)
      // It stays in the journal as ended, and its end is reported again after a restart.
      if (this.#engine.closing.aborted) return
    }
    source?.log.close()
    await this.#engine.journal.release(id)
    this.#drop(record)
    // Out of the journal; a daemon may have some of the files open.
    this.#engine.platform.moveTree(this.#engine.journal.directoryOf(id), join(this.#heldOutput.directory, id))
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
  #endWithout(id: string, reasonCode: EndEntry['outcome']['reasonCode'], reason: AgentReason): void {
    this.#repeat(this.#makeEnd(id, reasonCode, reason))
  }

  #makeEnd(
    invocationId: string,
    reasonCode: EndEntry['outcome']['reasonCode'],
    reason: AgentReason,
    notBefore = 0,
  ): EndEntry {
    const outcome = sendOutcome({ state: 'failed', reasonCode, reason })
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

  /** Nothing of it is journalled: a repeated offer is checked again. */
  #refuse(id: string, refusal: TrustRefusal, offered?: InvocationRecord): void {
    const reason = [...makeReason('TaskNotStarted'), refusal]
    this.#engine.log.warn('a task was refused', { invocationId: id, reason: refusal.code })
    this.#repeat(this.#makeEnd(id, 'NotPermitted', reason), offered)
  }

  #repeat(end: ReportEntry & { kind: 'end' | 'unknown' }, offered?: InvocationRecord): void {
    const { invocationId } = end
    offered?.move('ended')
    const record = offered ?? new InvocationRecord(invocationId, 'ended')
    this.#keep(record)
    const onEndAcknowledged = () => {
      record.move('reported')
      this.#drop(record)
    }
    this.outbox.add({ invocationId, log: openReportLog(), end, read: () => Buffer.alloc(0), onEndAcknowledged })
    this.#listener()
  }

  async #removeUnneededArtifacts(): Promise<void> {
    const needed = new Set(this.#engine.records.artifacts())
    for (const { run } of this.#listRecords())
      for (const installation of [run?.invocation.wanted, run?.invocation.installed])
        if (!run?.entry.state.end && installation?.configuration.artifact)
          needed.add(installation.configuration.artifact.sha256)
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

/** Commands do not: what they do to an extension is found like any other change. */
export const changesInstalled = ({ action, osPackages }: Pick<InvocationMessage, 'action' | 'osPackages'>): boolean =>
  action !== 'run' || osPackages !== undefined

/** Delay between attempts to write to a full disk. */
const retryMs = 5_000

/** It becomes a file name. */
function assertSafeName(extensionId: string): void {
  if (!/^[0-9A-Za-z][0-9A-Za-z_-]*$/.test(extensionId))
    throw new Error(`the server sent the extension id ${JSON.stringify(extensionId)}, which is none`)
}
