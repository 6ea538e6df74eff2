import { join } from 'node:path'
import type { InstallStep, StepFailure, StepResult } from '../../core/install/install-step.ts'
import { findRebootResult } from '../../core/install/plan-reboot.ts'
import { makeReason } from '../../core/reason/reason.ts'
import type { InstallationMessage, InvocationMessage } from '../../protocol/agent-messages.ts'
import { judgePackageEnd } from '../installer/judge-package-end.ts'
import type { SupervisedChild } from '../platform/platform.ts'
import type { InvocationOutput } from '../script/invocation-output.ts'
import { findScriptFate, keepClaim } from '../script/script-fate.ts'
import { endScriptTree } from '../script/script-process.ts'
import { type PreparedScript, type StopReason, startScript, watchScript } from '../script/script-run.ts'
import {
  findPackageWork,
  findRebootRequest,
  judgeScriptEnd,
  prepareStepScript,
  readLastLines,
  type StepScripts,
} from '../script/step-scripts.ts'
import type { JournalEntry, JournalledStep } from '../state/journal.ts'
import { persist } from '../state/persist.ts'
import type { ReportLog } from '../state/report-log.ts'
import type { Engine } from './engine.ts'
import { findShutdown, holdWhilePoweringOff } from './shutdown.ts'
import { toStepFailure } from './step-error.ts'
import { findWorkspace } from './step-preparation.ts'

/** What the scripts of an invocation need from it. */
export interface RunStepContext {
  readonly engine: Engine
  readonly invocation: InvocationMessage
  readonly entry: JournalEntry
  readonly output: InvocationOutput
  readonly reports: { readonly log: ReportLog; notify(): void }
  readonly previous: InstallationMessage | undefined
  /** Aborted when the invocation is cancelled. */
  readonly cancelled: AbortSignal
  say(state: 'running', step: InstallStep): void
  /** Replaces the recorded state of a step. */
  put(step: JournalledStep): void
  installationOf(step: InstallStep): InstallationMessage
  scriptsOf(step: InstallStep): StepScripts
  directoryOf(run: number): string
}

/**
 * Executes the `run` steps of an invocation: starts each script once, watches it to its end, and
 * judges it.
 */
export class RunSteps {
  readonly #run: RunStepContext

  constructor(run: RunStepContext) {
    this.#run = run
  }

  /**
   * Starts the script of a step, or finds the one that was started before; never starts it twice.
   */
  async carryOut(step: InstallStep, hasBegun: boolean): Promise<StepResult> {
    const { engine, entry } = this.#run
    const journalled = entry.state.steps.find(({ id }) => id === step.id)
    if (hasBegun && journalled?.run) {
      const { run } = journalled
      const fate = await this.#persist('a script', () =>
        findScriptFate(engine, journalled, this.#run.directoryOf(run.number)),
      )
      if (fate === 'unknown') return this.#judge(step, run, { kind: 'gone' }, undefined)
      if (fate === 'begun') return this.#watch(step, run, undefined)
    }
    const leftMs = this.#leftMs(step)
    if (leftMs <= 0) return { status: 'failed', began: false, failure: timedOutBefore(step, this.#budgetMs(step)) }
    const number = 1 + Math.max(0, ...entry.state.steps.map(({ run }) => run?.number ?? 0))
    const script = await prepareStepScript(this.#run.scriptsOf(step), this.#run.directoryOf(number))
    // An invocation that was cancelled by now needs no script.
    if (entry.state.cancelled && !step.restoring)
      return { status: 'failed', began: false, failure: cancelledBefore(step) }
    // Nothing starts while the machine is about to reboot.
    if (engine.reboots.isPending) {
      const signals = step.restoring ? [engine.closing] : [engine.closing, this.#run.cancelled]
      await engine.reboots.mayStart(AbortSignal.any(signals))
      engine.closing.throwIfAborted()
      if (entry.state.cancelled && !step.restoring)
        return { status: 'failed', began: false, failure: cancelledBefore(step) }
    }
    const run = { number }
    const { bootId } = engine.platform
    this.#run.put({ id: step.id, bootId, mount: engine.mount, run, result: { status: 'begun' } })
    await this.#saveBegun(step)
    engine.onStep(`begun ${step.id}`)
    return this.#watch(step, run, script)
  }

  #persist<Result>(what: string, work: () => Result | Promise<Result>): Promise<Result> {
    return persist(this.#run.engine, this.#run.invocation.id, what, work)
  }

  /** On disk before the script starts; if the write fails, it does not start. */
  async #saveBegun(step: InstallStep): Promise<void> {
    const { engine, entry, invocation } = this.#run
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
    const { engine, output, reports } = this.#run
    const directory = this.#run.directoryOf(run.number)
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
    // Reported when it would survive a loss of the disk's last seconds, too.
    const claimed = keepClaim(engine, this.#run.invocation.id, directory, () => isOver).then((isClaimed) => {
      if (!isClaimed || isSaid) return
      this.#run.say('running', step)
      isSaid = true
      look()
    })
    const stopping = run.stop
    const { end, stopped } = await watchScript(engine, {
      directory,
      child,
      leftMs: this.#leftMs(step) - ranBeforeMs,
      cancelled: step.restoring ? new AbortController().signal : this.#run.cancelled,
      stopping,
      onOutput: look,
      onStop: async (reason) => {
        run.stop = reason
        // The agent stops the script even if this write fails; after a restart it finds another
        // reason.
        try {
          await engine.journal.save(this.#run.invocation.id, this.#run.entry.state)
        } catch (error) {
          engine.log.error('a stop could not be journalled', {
            invocationId: this.#run.invocation.id,
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

  /**
   * A script whose supervisor was killed may continue: its end would go unnoticed, and the next
   * step must not run beside it.
   */
  async #endOrphans(step: InstallStep, directory: string): Promise<void> {
    const { engine, invocation } = this.#run
    const workspace = await findWorkspace(engine, invocation, step, this.#run.installationOf(step))
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
  ): Promise<StepResult> {
    const { engine, entry, invocation } = this.#run
    const scripts = this.#run.scriptsOf(step)
    const isSameBoot = entry.state.steps.find(({ id }) => id === step.id)?.bootId === engine.platform.bootId
    const isByItself = end.kind === 'exit' && stopped === undefined
    const isRequested = isByItself && (await findRebootRequest(scripts, end.code))
    const isGood = isRequested || (isByItself && end.code === 0)
    const machine = isSameBoot ? await findShutdown(engine, invocation.id) : 'rebooted'
    if (machine === 'poweringOff') holdWhilePoweringOff(engine)
    const lastLines = isGood
      ? ''
      : await this.#persist('the output of a script', () =>
          readLastLines(join(this.#run.directoryOf(run.number), 'stderr')),
        )
    const judged: StepResult = isRequested
      ? { status: 'done' }
      : judgeScriptEnd(scripts, end, stopped, lastLines, machine)
    const wanted = findPackageWork(scripts)
    const directory = this.#run.directoryOf(run.number)
    const result =
      wanted === undefined
        ? await this.#nameAgent(judged, directory)
        : await this.#persist('what the package manager did', () =>
            judgePackageEnd({ wanted, end, result: judged, directory, isSameBoot }),
          )
    if (result.status !== 'done') return result
    const reboot = findRebootResult({ machine, isRequested, isAllowed: invocation.reboot !== undefined })
    return reboot === undefined ? result : { ...result, reboot }
  }

  /** The result of an upgrade of the agent names the version that runs: the last line of its output. */
  async #nameAgent(judged: StepResult, directory: string): Promise<StepResult> {
    if (this.#run.invocation.agentUpgrade === undefined || judged.status !== 'done') return judged
    const text = await this.#persist('the output of a script', () => readLastLines(join(directory, 'stdout')))
    const said = text === '' ? [] : makeReason('ScriptSaid', { text })
    return { ...judged, said: [...makeReason('CommandSucceeded'), ...said] }
  }

  /** Frees the space of output that will be cut anyway, one range at a time. */
  #released = new Map<string, number>()
  #release(path: string, from: number, to: number): void {
    const start = Math.max(from, this.#released.get(path) ?? 0)
    if (to - start < releaseAtOnceBytes) return
    this.#released.set(path, to)
    void this.#run.engine.platform.releaseSpace(path, start, to)
  }

  /** One timeout for all forward scripts, another for those that roll back. */
  #budgetMs(step: InstallStep): number {
    const installation =
      step.id === 'restorePrevious' ? this.#run.previous : (this.#run.invocation.wanted ?? this.#run.previous)
    return installation?.configuration.run.timeoutMs ?? 0
  }

  #leftMs(step: InstallStep): number {
    const used = this.#run.entry.state.steps
      .filter(({ id }) => id !== step.id && (id === 'restorePrevious' || id === 'removeWanted') === step.restoring)
      .reduce((sum, { run }) => sum + (run?.ranMs ?? 0), 0)
    return this.#budgetMs(step) - used
  }
}

const releaseAtOnceBytes = 16 * 1024 * 1024

export const cancelledBefore = (step: InstallStep): StepFailure => ({
  state: 'cancelled',
  reasonCode: 'CancelledByUser',
  reason: makeReason('CancelledBeforeStep', { step: step.id }),
})

const timedOutBefore = (step: InstallStep, budgetMs: number): StepFailure => ({
  state: 'timedOut',
  reasonCode: 'ScriptTimedOut',
  reason: makeReason('TimeOverBeforeStep', { step: step.id, seconds: budgetMs / 1_000 }),
})
