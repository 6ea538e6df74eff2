import type { InvocationOutcome } from '../execution/invocation.ts'
import { makeReason } from '../reason/reason.ts'
import type { AgentReason } from './agent-reason.ts'
import type { InstallHistory, StepResult } from './install-step.ts'
import type { InstallStepId } from './install-step-ids.ts'

const rebootOf = (result: StepResult | undefined) => (result?.status === 'done' ? result.reboot : undefined)

/**
 * The machine at the end of a script: `rebooting` and `poweringOff` are orderly shutdowns in
 * progress; `rebooted` since the script began.
 */
export type MachineState = 'up' | 'rebooting' | 'poweringOff' | 'rebooted'

/**
 * What the end of a script that succeeded means for the machine. A shutdown in progress is that of
 * the script, or of an operator: it needs no permission and no command, and nothing else starts
 * before it is over. A machine that is powered off may not return for days: only a script that
 * requested a reboot waits for that.
 */
export function findRebootResult({
  machine,
  isRequested,
  isAllowed,
}: {
  readonly machine: MachineState
  readonly isRequested: boolean
  readonly isAllowed: boolean
}): 'due' | 'underway' | 'done' | 'refused' | undefined {
  if (machine === 'rebooted') return 'done'
  if (machine === 'rebooting' || (machine === 'poweringOff' && isRequested)) return 'underway'
  if (!isRequested) return undefined
  return isAllowed ? 'due' : 'refused'
}

/** The step after which the machine reboots now; `isUnderway`: by itself. */
export function findDueReboot(
  history: InstallHistory,
): { readonly after: InstallStepId; readonly isUnderway: boolean } | undefined {
  const ids = Object.keys(history) as InstallStepId[]
  const after = ids.find((id) => rebootOf(history[id]) === 'due' || rebootOf(history[id]) === 'underway')
  return after && { after, isUnderway: rebootOf(history[after]) === 'underway' }
}

/** The outcome says whether the machine has rebooted, or should. */
export function sayReboots(outcome: InvocationOutcome, history: InstallHistory): InvocationOutcome {
  const reboots = Object.values(history).map(rebootOf)
  if (reboots.includes('refused')) {
    const isDone = outcome.state === 'succeeded' && outcome.reasonCode === 'Succeeded'
    return { ...say(outcome, makeReason('RebootRefused')), ...(isDone ? { reasonCode: 'RebootRequired' } : {}) }
  }
  return reboots.includes('done') ? say(outcome, makeReason('Rebooted')) : outcome
}

const say = (outcome: InvocationOutcome, more: AgentReason): InvocationOutcome => ({
  ...outcome,
  reason: [...outcome.reason, ...more],
})
