import { join } from 'node:path'
import type { InvocationState } from '../../core/execution/invocation.ts'
import { type InstallDecision, type InstallRequest, planNextStep } from '../../core/install/install-plan.ts'
import type { InstallStep, StepFailure, StepResult } from '../../core/install/install-step.ts'
import type { InstallStepId } from '../../core/install/install-step-ids.ts'
import { findDueReboot } from '../../core/install/plan-reboot.ts'
import { makeReason } from '../../core/reason/reason.ts'
import type { TrustRefusal } from '../../core/trust/trust-refusal.ts'
import type { InstallationMessage, InvocationMessage, OpenInvocation } from '../../protocol/agent-messages.ts'
import { confirmPackage } from '../installer/confirm-package.ts'
import { createInvocationOutput, type InvocationOutput } from '../script/invocation-output.ts'
import { runCheckScript, type StepScripts } from '../script/step-scripts.ts'
import { historyOf, type JournalEntry, type JournalledStep } from '../state/journal.ts'
import type { ReportLog } from '../state/report-log.ts'
import { findLateRefusal, findPrevious, type PreviousInstallation } from '../trust/check-trust.ts'
import type { Engine } from './engine.ts'
import { endInvocation } from './invocation-end.ts'
import { rebootMachine } from './reboot-machine.ts'
import { cancelledBefore, type RunStepContext, RunSteps } from './run-step.ts'
import { waitForShutdown } from './shutdown.ts'
import { toStepFailure } from './step-error.ts'
import { prepareStep } from './step-preparation.ts'
import { verifyChecks } from './verify.ts'

export interface RunReports {
  readonly log: ReportLog
  /** New entries are available. */
  notify(): void
  /** Timestamp of a report entry: never before the last one. */
  now(): number
  /** It waits for a reboot of the machine, or does no longer, because the machine did not reboot. */
  onRebooting(isRebooting: boolean): void
}

/**
 * Runs one invocation: takes the next step from the plan, executes it, and records the result,
 * until the plan ends.
 */
export class InvocationRun implements RunStepContext {
  readonly invocation: InvocationMessage
  readonly output: InvocationOutput
  readonly entry: JournalEntry
  readonly engine: Engine
  readonly reports: RunReports
  readonly #cancelled = new AbortController()
  readonly #scripts = new RunSteps(this)
  #previous: PreviousInstallation | undefined
  readonly #pending: Promise<void>[] = []
  #saidState: 'accepted' | 'downloading' | 'running' | 'verifying' = 'accepted'

  constructor(engine: Engine, entry: JournalEntry, reports: RunReports) {
    this.engine = engine
    this.entry = entry
    this.invocation = entry.invocation
    this.reports = reports
    this.output = createInvocationOutput({
      log: reports.log,
      now: reports.now,
      earlier: entry.state.steps.flatMap(({ run }) =>
        run?.stdoutBytes === undefined
          ? []
          : [
              {
                directory: this.directoryOf(run.number),
                stdoutBytes: run.stdoutBytes,
                stderrBytes: run.stderrBytes ?? 0,
              },
            ],
      ),
      limitBytes: engine.maxOutputBytes,
    })
    if (entry.state.cancelled) this.#cancelled.abort(new Error('cancelled'))
  }

  get cancelled(): AbortSignal {
    return this.#cancelled.signal
  }

  /** Whether one of its scripts may have started. */
  get hasBegun(): boolean {
    return this.entry.state.steps.some(({ run }) => run !== undefined)
  }

  get isScriptRunning(): boolean {
    const { end, steps } = this.entry.state
    return end === undefined && steps.some(({ result }) => result.status === 'begun')
  }

  /** A script requested a reboot that has not happened. */
  get isRebootDue(): boolean {
    const { entry, engine } = this
    return !entry.state.end && findDueReboot(historyOf(entry.state, engine.platform.bootId, engine.mount)) !== undefined
  }

  isWaitingToReboot = false

  /** Its state in a hello. */
  get state(): OpenInvocation['state'] {
    if (this.entry.state.end) return 'ended'
    return this.hasBegun ? 'running' : this.#saidState
  }

  /** Other work on this instance precedes it. */
  sayWaiting(): void {
    this.reports.log.append({ kind: 'state', at: this.reports.now(), state: 'waiting' })
    this.reports.notify()
  }

  get previous(): InstallationMessage | undefined {
    return this.#previous?.installation
  }

  get isPreviousChecked(): boolean {
    return this.#previous?.checked ?? false
  }

  get usesArtifact(): boolean {
    const { wanted, installed } = this.invocation
    return [wanted, installed, this.previous].some((installation) => installation?.configuration.artifact !== undefined)
  }

  cancel(): void {
    if (this.entry.state.end || this.entry.state.cancelled) return
    const { engine, entry, invocation } = this
    entry.state.cancelled = true
    // For the next agent process, if this one ends before the cancel takes effect.
    engine.journal
      .save(invocation.id, entry.state)
      .catch((error: unknown) =>
        engine.log.error('a cancel could not be journalled', { invocationId: invocation.id, error: String(error) }),
      )
    this.#cancelled.abort(new Error('cancelled'))
  }

  /**
   * Resolves when it has ended and the end can be reported. Rejects with the reason of `closing` if
   * the agent stops before.
   */
  async carryOut(): Promise<void> {
    const { engine, invocation, entry } = this
    const previous = await findPrevious(engine, entry)
    const refusal = 'refusal' in previous ? previous.refusal : findLateRefusal(engine, entry)
    if (refusal && !this.hasBegun && !entry.state.end)
      return endInvocation(this, { kind: 'end', outcome: refusedOutcome(refusal), change: 'none' })
    if ('found' in previous) this.#previous = previous.found
    const { action, wanted, reinstall } = invocation
    const request: InstallRequest = { action, wanted, previous: this.#previous, reinstall }
    if (entry.state.cancelled && entry.state.steps.length === 0 && !entry.state.end)
      return endInvocation(this, { kind: 'end', outcome: cancelledWaiting, change: 'none' })
    while (!entry.state.end) {
      engine.closing.throwIfAborted()
      const decision = planNextStep(request, historyOf(entry.state, engine.platform.bootId, engine.mount))
      if (decision.kind === 'end') return endInvocation(this, decision)
      if (decision.kind === 'reboot') {
        await this.#reboot(decision)
        continue
      }
      this.#note(decision.step, await this.#carryOutStep(decision))
    }
    return endInvocation(this)
  }

  /** A write that failed and is retried after the report of the end. */
  addPending(pay: () => Promise<void>): void {
    this.#pending.push(pay())
  }

  /** Resolves when everything is on disk. */
  async finishPending(): Promise<void> {
    await Promise.all(this.#pending)
  }

  /**
   * Reboots the machine for a step whose script requested it, and returns only if that failed: the
   * step has failed then. A reboot that is underway is only waited for; if it does not happen, the
   * step is done without it. Rejects with the reason of `closing` when the agent stops.
   */
  async #reboot({ after, isUnderway }: Extract<InstallDecision, { kind: 'reboot' }>): Promise<void> {
    const { engine, entry, invocation, reports } = this
    engine.reboots.request(invocation.id)
    reports.onRebooting(true)
    const failure = await rebootMachine({
      engine,
      invocation,
      entry,
      after,
      isUnderway,
      log: reports.log,
      cancelled: this.#cancelled.signal,
      sayState: (title) => this.#sayState('rebooting', title),
      setWaiting: (isWaiting) => {
        this.isWaitingToReboot = isWaiting
      },
    }).finally(() => {
      this.isWaitingToReboot = false
    })
    const step = entry.state.steps.find(({ id }) => id === after)
    if (step) this.put({ ...step, result: failure ? { status: 'failed', began: true, failure } : { status: 'done' } })
    reports.onRebooting(false)
    engine.reboots.withdraw(invocation.id)
  }

  async #carryOutStep({ kind, step }: Extract<InstallDecision, { kind: 'step' | 'await' }>): Promise<StepResult> {
    const { engine } = this
    if (kind === 'step' && this.entry.state.cancelled && !step.restoring)
      return { status: 'failed', began: false, failure: cancelledBefore(step) }
    try {
      if (step.kind === 'run') return await this.#scripts.carryOut(step, kind === 'await')
      // A cancel ends preparing and verifying; other errors are failures.
      const signal = step.restoring ? engine.closing : AbortSignal.any([engine.closing, this.#cancelled.signal])
      await (step.kind === 'prepare' ? this.#prepare(step, signal) : this.#verify(step, signal))
      return { status: 'done' }
    } catch (error) {
      engine.closing.throwIfAborted()
      if (this.#cancelled.signal.aborted && !step.restoring && step.kind !== 'run')
        return {
          status: 'failed',
          began: step.kind === 'verify' && step.id !== 'confirmInstalled',
          failure: cancelledBefore(step),
        }
      if (step.kind !== 'run') await this.#waitForShutdown()
      const failure = toStepFailure(error)
      if (failure.reasonCode === 'AgentError')
        engine.log.error('a step could not be done', {
          invocationId: this.invocation.id,
          step: step.id,
          error: String(error),
        })
      const looks = step.kind === 'verify' && step.id !== 'confirmInstalled'
      return { status: 'failed', began: looks || this.#mayHaveBegun(step), failure }
    }
  }

  /**
   * A download or a check that fails while the machine shuts down says nothing: the agent is stopped
   * soon, and the next one repeats the step after the boot. Rejects with the reason of `closing`
   * then.
   */
  async #waitForShutdown(): Promise<void> {
    await waitForShutdown(this.engine, this.invocation.id)
  }

  #mayHaveBegun(step: InstallStep): boolean {
    return this.entry.state.steps.some(({ id, run }) => id === step.id && run !== undefined)
  }

  async #prepare(step: InstallStep, signal: AbortSignal): Promise<void> {
    const onDownload = () => this.say('downloading', step)
    await prepareStep(this.engine, this.invocation, step, this.installationOf(step), { signal, onDownload })
    this.engine.onStep(`done ${step.id}`)
  }

  async #verify(step: InstallStep, signal: AbortSignal): Promise<void> {
    const { engine } = this
    this.say('verifying', step)
    const installation = this.installationOf(step)
    const isConfirming = step.id === 'confirmInstalled'
    // The change of the installed record is durable now, or failed.
    const checks = installation.configuration.verify.map((check) => (isConfirming ? { ...check, withinMs: 0 } : check))
    if (isConfirming) await confirmPackage(engine, installation)
    await verifyChecks(checks, {
      platform: engine.platform,
      clock: engine.clock,
      signal,
      runScript: (script, index, until) => {
        const directory = join(engine.journal.directoryOf(this.invocation.id), `check-${step.id}-${index}`)
        const leftMs = Math.max(1_000, checks[index]?.withinMs ?? 0)
        return runCheckScript(this.scriptsOf(step), script, directory, leftMs, until)
      },
    })
    engine.onStep(`done ${step.id}`)
  }

  say(state: Extract<InvocationState, 'downloading' | 'running' | 'verifying'>, step: InstallStep): void {
    this.#saidState = state
    this.#sayState(state, step.title)
  }

  #sayState(state: Extract<InvocationState, 'downloading' | 'running' | 'verifying' | 'rebooting'>, step: string) {
    const reboots = this.entry.state.steps.filter(({ reboot }) => reboot !== undefined).length
    const count = reboots === 0 ? {} : { reboots }
    this.reports.log.append({ kind: 'state', at: this.reports.now(), state, step, ...count })
    this.reports.notify()
  }

  #note(step: InstallStep, result: StepResult): void {
    const before = this.entry.state.steps.find(({ id }) => id === step.id)
    const { bootId } = this.engine.platform
    this.put({
      ...(before ?? { id: step.id }),
      // A script keeps the boot in which it started: a reboot that it requested has happened since.
      bootId: before?.run ? before.bootId : bootId,
      mount: this.engine.mount,
      result: journalResult(result),
    })
    this.engine.reboots.changed()
  }

  put(step: JournalledStep): void {
    const { state } = this.entry
    state.steps = [...state.steps.filter(({ id }) => id !== step.id), step]
  }

  installationOf(step: InstallStep): InstallationMessage {
    const installation = step.installation === 'wanted' ? this.invocation.wanted : this.#previous?.installation
    if (!installation) throw new Error(`step ${step.id} has no installation`)
    return installation
  }

  scriptsOf(step: InstallStep): StepScripts {
    const { engine, invocation, previous } = this
    const directoryOf = (id: InstallStepId) => {
      const found = this.entry.state.steps.find((one) => one.id === id)
      return found && this.outputDirectoryOf(found)
    }
    return { engine, invocation, step, installation: this.installationOf(step), previous, directoryOf }
  }

  directoryOf(run: number): string {
    return join(this.engine.journal.directoryOf(this.entry.invocation.id), String(run))
  }

  outputDirectoryOf(step: JournalledStep): string | undefined {
    return step.run && this.directoryOf(step.run.number)
  }
}

/** Boot ids say later whether a requested reboot has happened. */
function journalResult(result: StepResult): JournalledStep['result'] {
  if (result.status !== 'done') return result as JournalledStep['result']
  const { reboot, ...done } = result
  if (reboot === undefined) return done
  return { ...done, reboot: reboot === 'due' || reboot === 'done' ? 'requested' : reboot }
}

const refusedOutcome = (refusal: TrustRefusal): StepFailure => ({
  state: 'failed',
  reasonCode: 'NotPermitted',
  reason: [...makeReason('TaskNotStarted'), refusal],
})

const cancelledWaiting: StepFailure = {
  state: 'cancelled',
  reasonCode: 'CancelledByUser',
  reason: makeReason('CancelledBeforeAnything'),
}
