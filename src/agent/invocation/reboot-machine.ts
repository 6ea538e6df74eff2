import type { AgentReason } from '../../core/install/agent-reason.ts'
import type { StepFailure } from '../../core/install/install-step.ts'
import type { InstallStepId } from '../../core/install/install-step-ids.ts'
import { defaultRebootTimeoutMs, maxRebootAttempts } from '../../core/limits.ts'
import { makeReason } from '../../core/reason/reason.ts'
import type { InvocationMessage } from '../../protocol/agent-messages.ts'
import type { JournalEntry } from '../state/journal.ts'
import type { ReportLog } from '../state/report-log.ts'
import type { Engine } from './engine.ts'
import { waitForShutdown } from './shutdown.ts'
import { toStepFailure } from './step-error.ts'

export interface RebootContext {
  readonly engine: Engine
  readonly invocation: InvocationMessage
  readonly entry: JournalEntry
  /** The step whose script requested the reboot; its result is in the entry's state. */
  readonly after: InstallStepId
  /** The machine reboots by itself. */
  readonly isUnderway: boolean
  readonly log: Pick<ReportLog, 'count' | 'acknowledged'>
  readonly cancelled: AbortSignal
  sayState(title: string): void
  /** While true, the reboot waits for scripts of others, which may take as long as they run. */
  setWaiting(isWaiting: boolean): void
}

/** How long the server may take to receive the report that the machine reboots. */
const reportPatienceMs = 3_000
const reportLookMs = 20

/**
 * Reboots the machine when no script of another invocation runs. Returns why the machine did not
 * reboot; otherwise the agent is stopped by the shutdown, and this rejects with the reason of
 * `closing`. Undefined: a reboot that was underway has not happened.
 *
 * The decision is on disk before the command runs. The next agent recognises by the boot id whether
 * the machine has rebooted: if it has, the command never runs again; if not, it runs again, a
 * limited number of times.
 */
export async function rebootMachine(context: RebootContext): Promise<StepFailure | undefined> {
  const { engine, invocation, after } = context
  const { reboots, closing, log } = engine
  try {
    const attempts = await journalAttempt(context, 0)
    if (context.isUnderway) {
      context.sayState('rebooting')
      engine.onStep(`awaiting the reboot after ${after}`)
      log.warn('the machine is rebooting: the invocation continues after it', { invocationId: invocation.id })
      await waitForShutdown(engine, invocation.id)
      return undefined
    }
    context.sayState(reboots.isBusy(invocation.id) ? 'waiting for other scripts before rebooting' : 'rebooting')
    context.setWaiting(true)
    // What restores an old version is not cancelled.
    const isCancellable = after !== 'restorePrevious' && after !== 'removeWanted'
    const cancelled = isCancellable ? context.cancelled : new AbortController().signal
    await reboots.untilIdle(invocation.id, AbortSignal.any([closing, cancelled]))
    closing.throwIfAborted()
    if (cancelled.aborted) return cancelledBeforeReboot
    context.setWaiting(false)
    if (attempts >= maxRebootAttempts) return fail(makeReason('RebootTried', { count: attempts }))
    await journalAttempt(context, 1)
    context.sayState('rebooting')
    engine.onStep(`rebooting ${after}`)
    await waitForReport(context)
    closing.throwIfAborted()
    log.warn('a script requested a reboot, and the machine is rebooted', { invocationId: invocation.id, step: after })
    try {
      await reboots.perform(closing)
    } catch (error) {
      closing.throwIfAborted()
      return fail(makeReason('RebootImpossible', { error: error instanceof Error ? error.message : String(error) }))
    }
    // The other half of the time is for the return.
    const limitMs = (invocation.reboot?.timeoutMs ?? defaultRebootTimeoutMs) / 2
    await engine.clock.wait(limitMs, closing)
    closing.throwIfAborted()
    return fail(makeReason('RebootWithoutEffect', { seconds: limitMs / 1000 }))
  } catch (error) {
    closing.throwIfAborted()
    return toStepFailure(error)
  }
}

/** Returns the number of attempts, which is on disk. */
async function journalAttempt({ engine, invocation, entry, after }: RebootContext, more: number): Promise<number> {
  const step = entry.state.steps.find(({ id }) => id === after)
  if (!step) throw new Error(`the step ${after} is not in the journal`)
  const attempts = (step.reboot?.attempts ?? 0) + more
  entry.state.steps = entry.state.steps.map((one) => (one === step ? { ...step, reboot: { attempts } } : one))
  await engine.journal.save(invocation.id, entry.state)
  return attempts
}

/** The server should show that the machine reboots, but a server that is away does not prevent it. */
async function waitForReport({ engine, log }: RebootContext): Promise<void> {
  const upTo = log.count
  for (let leftMs = reportPatienceMs; leftMs > 0 && log.acknowledged < upTo; leftMs -= reportLookMs) {
    await engine.clock.wait(reportLookMs, engine.closing)
    engine.closing.throwIfAborted()
  }
}

const fail = (reason: AgentReason): StepFailure => ({ state: 'failed', reasonCode: 'RebootFailed', reason })

const cancelledBeforeReboot: StepFailure = {
  state: 'cancelled',
  reasonCode: 'CancelledByUser',
  reason: makeReason('CancelledBeforeReboot'),
}
