import { join } from 'node:path'
import type { InvocationState } from '../../core/execution/invocation.ts'
import {
  type InstallDecision,
  type InstallRequest,
  type InstallStep,
  type InstallStepId,
  planNextStep,
  type StepFailure,
  type StepResult,
} from '../../core/install/install-plan.ts'
import type { Invocation, OpenInvocation, Recipe } from '../../protocol/agent-messages.ts'
import { confirmPackage } from '../installer/confirm-package.ts'
import { judgePackageEnd } from '../installer/judge-package-end.ts'
import type { SupervisedChild } from '../platform/platform.ts'
import { createInvocationOutput, type InvocationOutput } from '../script/invocation-output.ts'
import { findScriptFate, keepClaim } from '../script/script-fate.ts'
import { endScriptTree } from '../script/script-process.ts'
import { type PreparedScript, type StopReason, startScript, watchScript } from '../script/script-run.ts'
import {
  findPackageWork,
  judgeScriptEnd,
  prepareStepScript,
  readLastWords,
  runCheckScript,
} from '../script/step-scripts.ts'
import type { InstalledRecord } from '../state/installed-record.ts'
import { historyOf, type JournalEntry, type JournalledStep } from '../state/journal.ts'
import { persist } from '../state/persist.ts'
import type { ReportLog } from '../state/report-log.ts'
import type { Engine } from './engine.ts'
import { endInvocation } from './invocation-end.ts'
import { toStepFailure } from './step-error.ts'
import { findWorkspace, prepareStep } from './step-preparation.ts'
import { verifyChecks } from './verify.ts'

export interface RunReports {
  readonly log: ReportLog
  /** There is something new to take. */
  notify(): void
  /** Instant for a report entry: never before the last one. */
  now(): number
}

/** Carries one invocation out: asks the plan for the next step, does it, writes down what came of it, until the plan says it is over. */
export class InvocationRun {
  readonly invocation: Invocation
  readonly output: InvocationOutput
  readonly entry: JournalEntry
  readonly engine: Engine
  readonly reports: RunReports
  readonly #cancelled = new AbortController()
  #previous: { recipe: Recipe; status: InstalledRecord['status']; recorded: boolean } | undefined
  readonly #debts: Promise<void>[] = []
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
                directory: this.#directoryOf(run.number),
                stdoutBytes: run.stdoutBytes,
                stderrBytes: run.stderrBytes ?? 0,
              },
            ],
      ),
      limitBytes: engine.maxOutputBytes,
    })
    if (entry.state.cancelled) this.#cancelled.abort(new Error('cancelled'))
  }

  /** Whether a script of it may have begun. */
  get hasBegun(): boolean {
    return this.entry.state.steps.some(({ run }) => run !== undefined)
  }

  /** What a server is told of it at hello. */
  get state(): OpenInvocation['state'] {
    if (this.entry.state.end) return 'ended'
    return this.hasBegun ? 'running' : this.#saidState
  }

  /** Other work on this instance goes first. */
  sayWaiting(): void {
    this.reports.log.append({ kind: 'state', at: this.reports.now(), state: 'waiting' })
    this.reports.notify()
  }

  get previous(): Recipe | undefined {
    return this.#previous?.recipe
  }

  get usesArtifact(): boolean {
    const { wanted, installed } = this.invocation
    return [wanted, installed, this.previous].some((recipe) => recipe?.configuration.artifact !== undefined)
  }

  cancel(): void {
    if (this.entry.state.end || this.entry.state.cancelled) return
    const { engine, entry, invocation } = this
    entry.state.cancelled = true
    // For the next agent, should this one be ended before the cancel is carried out.
    engine.journal
      .save(invocation.id, entry.state)
      .catch((error: unknown) =>
        engine.log.error('a cancel could not be journalled', { invocationId: invocation.id, error: String(error) }),
      )
    this.#cancelled.abort(new Error('cancelled'))
  }

  /** Resolves when it has ended and the end can be reported. Rejects with the reason of `closing` if the agent stops before. */
  async carryOut(): Promise<void> {
    const { engine, invocation, entry } = this
    const record = await engine.records.read(invocation.extensionId)
    this.#previous = record
      ? { recipe: record.recipe, status: record.status, recorded: true }
      : invocation.installed && { recipe: invocation.installed, status: 'installed', recorded: false }
    const { action, wanted, reinstall } = invocation
    const request: InstallRequest = { action, wanted, previous: this.#previous, reinstall }
    if (entry.state.cancelled && entry.state.steps.length === 0 && !entry.state.end)
      return endInvocation(this, { kind: 'end', outcome: cancelledWaiting, change: 'none' })
    while (!entry.state.end) {
      engine.closing.throwIfAborted()
      const decision = planNextStep(request, historyOf(entry.state, engine.platform.bootId, engine.mount))
      if (decision.kind === 'end') return endInvocation(this, decision)
      this.#note(decision.step, await this.#carryOutStep(decision))
    }
    return endInvocation(this)
  }

  /** Something that could not be written down and is tried behind the report of the end. */
  addDebt(pay: () => Promise<void>): void {
    this.#debts.push(pay())
  }

  /** Resolves when everything is written down. */
  async paid(): Promise<void> {
    await Promise.all(this.#debts)
  }

  async #carryOutStep({ kind, step }: Exclude<InstallDecision, { kind: 'end' }>): Promise<StepResult> {
    const { engine } = this
    if (kind === 'step' && this.entry.state.cancelled && !step.restoring)
      return { status: 'failed', began: false, failure: cancelledBefore(step) }
    try {
      if (step.kind === 'run') return await this.#run(step, kind === 'await')
      // Preparing and verifying end with a cancel; the rest is as any failure.
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

  #mayHaveBegun(step: InstallStep): boolean {
    return this.entry.state.steps.some(({ id, run }) => id === step.id && run !== undefined)
  }

  async #prepare(step: InstallStep, signal: AbortSignal): Promise<void> {
    const onDownload = () => this.#say('downloading', step)
    await prepareStep(this.engine, this.invocation, step, this.recipeOf(step), { signal, onDownload })
    this.engine.onStep(`done ${step.id}`)
  }

  async #verify(step: InstallStep, signal: AbortSignal): Promise<void> {
    const { engine } = this
    this.#say('verifying', step)
    const recipe = this.recipeOf(step)
    const isConfirming = step.id === 'confirmInstalled'
    // What is installed holds now, or it does not.
    const checks = recipe.configuration.verify.map((check) => (isConfirming ? { ...check, withinMs: 0 } : check))
    if (isConfirming) await confirmPackage(engine, recipe)
    await verifyChecks(checks, {
      platform: engine.platform,
      clock: engine.clock,
      signal,
      runScript: (script, index, until) => {
        const directory = join(engine.journal.directoryOf(this.invocation.id), `check-${step.id}-${index}`)
        const leftMs = Math.max(1_000, checks[index]?.withinMs ?? 0)
        return runCheckScript(this.#scriptsOf(step), script, directory, leftMs, until)
      },
    })
    engine.onStep(`done ${step.id}`)
  }

  /** Starts the script of a step, or finds the one that was started before; never starts it twice. */
  async #run(step: InstallStep, hasBegun: boolean): Promise<StepResult> {
    const { engine, entry } = this
    const journalled = entry.state.steps.find(({ id }) => id === step.id)
    if (hasBegun && journalled?.run) {
      const { run } = journalled
      const fate = await this.#persist('a script', () =>
        findScriptFate(engine, journalled, this.#directoryOf(run.number)),
      )
      if (fate === 'unknown')
        return this.#judge(step, run, { kind: 'gone' }, undefined, journalled.bootId === engine.platform.bootId)
      if (fate === 'begun') return this.#watch(step, run, undefined)
    }
    const leftMs = this.#leftMs(step)
    if (leftMs <= 0) return { status: 'failed', began: false, failure: timedOutBefore(step, this.#budgetMs(step)) }
    const number = 1 + Math.max(0, ...entry.state.steps.map(({ run }) => run?.number ?? 0))
    const script = await prepareStepScript(this.#scriptsOf(step), this.#directoryOf(number))
    // A cancel that came until here needs no script to be started and ended.
    if (entry.state.cancelled && !step.restoring)
      return { status: 'failed', began: false, failure: cancelledBefore(step) }
    const run = { number }
    const { bootId } = engine.platform
    this.#put({ id: step.id, bootId, mount: engine.mount, run, result: { status: 'begun' } })
    await this.#saveBegun(step)
    engine.onStep(`begun ${step.id}`)
    return this.#watch(step, run, script)
  }

  #persist<Result>(what: string, work: () => Result | Promise<Result>): Promise<Result> {
    return persist(this.engine, this.invocation.id, what, work)
  }

  /** On disk before the script begins; if that cannot be, it does not begin. */
  async #saveBegun(step: InstallStep): Promise<void> {
    const { engine, entry, invocation } = this
    try {
      await engine.journal.save(invocation.id, entry.state)
    } catch (error) {
      entry.state.steps = entry.state.steps.filter(({ id }) => id !== step.id)
      throw error
    }
  }

  async #watch(
    step: InstallStep,
    run: NonNullable<JournalledStep['run']>,
    script: PreparedScript | undefined,
  ): Promise<StepResult> {
    const { engine, output, reports } = this
    const directory = this.#directoryOf(run.number)
    const found = script
      ? undefined
      : await this.#persist('a script', () => engine.platform.inspectSupervised(directory))
    const ranBeforeMs = found?.state === 'running' ? found.ranMs : 0
    const startedAt = performance.now()
    const settle = () => this.#persist('the output of a script', () => engine.platform.settleOutput(directory))
    const printed = found?.state === 'ended' ? await settle() : undefined
    output.begin(directory, printed)
    let child: SupervisedChild | undefined
    try {
      child = script && startScript(engine, script)
    } catch (error) {
      return { status: 'failed', began: false, failure: toStepFailure(error) }
    }
    if (script) engine.onStep(`started ${step.id}`)
    let isOver = false
    let isSaid = script === undefined
    const look = () => {
      if (!isSaid) return
      const before = reports.log.count
      output.look()
      if (reports.log.count > before) reports.notify()
      for (const { path, from, to } of output.findReleasable()) this.#release(path, from, to)
    }
    // Said when it would be known after a loss of the disk's last seconds, too.
    const claimed = keepClaim(engine, this.invocation.id, directory, () => isOver).then((isClaimed) => {
      if (!isClaimed || isSaid) return
      this.#say('running', step)
      isSaid = true
      look()
    })
    const stopping = run.stop
    const { end, stopped } = await watchScript(engine, {
      directory,
      child,
      leftMs: this.#leftMs(step) - ranBeforeMs,
      cancelled: step.restoring ? new AbortController().signal : this.#cancelled.signal,
      stopping,
      onOutput: look,
      onStop: async (reason) => {
        run.stop = reason
        // The stop is carried out also where it cannot be written down; a restarted agent then finds another reason to.
        try {
          await engine.journal.save(this.invocation.id, this.entry.state)
        } catch (error) {
          engine.log.error('a stop could not be journalled', {
            invocationId: this.invocation.id,
            error: String(error),
          })
        }
        engine.onStep(`stopping ${step.id}`)
      },
    }).finally(() => (isOver = true))
    await claimed
    if (end.kind === 'gone') await this.#endOrphans(step, directory)
    run.ranMs = ranBeforeMs + performance.now() - startedAt
    Object.assign(run, output.finish(printed ?? (await settle())))
    reports.notify()
    engine.onStep(`ended ${step.id}`)
    return this.#judge(step, run, end, stopped)
  }

  /** A script whose supervisor was killed may go on: nobody would see its end, and what comes next must not run beside it. */
  async #endOrphans(step: InstallStep, directory: string): Promise<void> {
    const { engine, invocation } = this
    const workspace = await findWorkspace(engine, invocation, step, this.recipeOf(step))
    const session = engine.platform.findOrphanedSession(directory, `CHANDLER_WORKSPACE=${workspace.directory}`)
    if (session === undefined) return
    engine.log.warn('a script lost its supervisor and is ended', { invocationId: invocation.id, step: step.id })
    await endScriptTree({ ...engine, supervisorPid: session, signal: engine.closing })
    engine.closing.throwIfAborted()
  }

  async #judge(
    step: InstallStep,
    run: NonNullable<JournalledStep['run']>,
    end: Parameters<typeof judgeScriptEnd>[1],
    stopped: StopReason | undefined,
    isSameBoot = true,
  ) {
    const isGood = end.kind === 'exit' && end.code === 0 && stopped === undefined
    const lastWords = isGood
      ? ''
      : await this.#persist('the output of a script', () =>
          readLastWords(join(this.#directoryOf(run.number), 'stderr')),
        )
    const scripts = this.#scriptsOf(step)
    const result = judgeScriptEnd(scripts, end, stopped, lastWords)
    const wanted = findPackageWork(scripts)
    if (wanted === undefined) return result
    const directory = this.#directoryOf(run.number)
    return this.#persist('what the package manager did', () =>
      judgePackageEnd({ wanted, end, result, directory, isSameBoot }),
    )
  }

  /** Gives back the space of what will be cut anyway, a piece at a time. */
  #released = new Map<string, number>()
  #release(path: string, from: number, to: number): void {
    const start = Math.max(from, this.#released.get(path) ?? 0)
    if (to - start < releaseAtOnceBytes) return
    this.#released.set(path, to)
    void this.engine.platform.releaseSpace(path, start, to)
  }

  #say(state: Extract<InvocationState, 'downloading' | 'running' | 'verifying'>, step: InstallStep): void {
    this.#saidState = state
    this.reports.log.append({ kind: 'state', at: this.reports.now(), state, step: step.title })
    this.reports.notify()
  }

  #note(step: InstallStep, result: StepResult): void {
    const before = this.entry.state.steps.find(({ id }) => id === step.id)
    const { bootId } = this.engine.platform
    this.#put({
      ...(before ?? { id: step.id }),
      bootId,
      mount: this.engine.mount,
      result: result as JournalledStep['result'],
    })
  }

  #put(step: JournalledStep): void {
    const { state } = this.entry
    state.steps = [...state.steps.filter(({ id }) => id !== step.id), step]
  }

  recipeOf(step: InstallStep): Recipe {
    const recipe = step.recipe === 'wanted' ? this.invocation.wanted : this.#previous?.recipe
    if (!recipe) throw new Error(`step ${step.id} has no recipe`)
    return recipe
  }

  #scriptsOf(step: InstallStep) {
    const { engine, invocation, previous } = this
    const directoryOf = (id: InstallStepId) => {
      const found = this.entry.state.steps.find((one) => one.id === id)
      return found && this.outputDirectoryOf(found)
    }
    return { engine, invocation, step, recipe: this.recipeOf(step), previous, directoryOf }
  }

  /** One time for all scripts that go forward, another for those that put the old version back. */
  #budgetMs(step: InstallStep): number {
    const recipe = step.id === 'restorePrevious' ? this.previous : (this.invocation.wanted ?? this.previous)
    return recipe?.configuration.run.timeoutMs ?? 0
  }

  #leftMs(step: InstallStep): number {
    const used = this.entry.state.steps
      .filter(({ id }) => id !== step.id && (id === 'restorePrevious' || id === 'removeWanted') === step.restoring)
      .reduce((sum, { run }) => sum + (run?.ranMs ?? 0), 0)
    return this.#budgetMs(step) - used
  }

  #directoryOf(run: number): string {
    return join(this.engine.journal.directoryOf(this.entry.invocation.id), String(run))
  }

  outputDirectoryOf(step: JournalledStep): string | undefined {
    return step.run && this.#directoryOf(step.run.number)
  }
}

const releaseAtOnceBytes = 16 * 1024 * 1024

const cancelledWaiting: StepFailure = {
  state: 'cancelled',
  reasonCode: 'CancelledByUser',
  reason: 'Cancelled before anything was done.',
}

const cancelledBefore = (step: InstallStep): StepFailure => ({
  state: 'cancelled',
  reasonCode: 'CancelledByUser',
  reason: `Cancelled while ${step.kind === 'run' ? 'about to begin ' : ''}${step.title}.`,
})

const timedOutBefore = (step: InstallStep, budgetMs: number): StepFailure => ({
  state: 'timedOut',
  reasonCode: 'ScriptTimedOut',
  reason: `The time of ${budgetMs / 1000} s for all scripts was over before ${step.title} could begin.`,
})
