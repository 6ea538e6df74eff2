import type { InvocationOutcome } from '../execution/invocation.ts'
import { makeReason } from '../reason/reason.ts'
import type { AgentReason } from './agent-reason.ts'
import type { InstallHistory, StepResult } from './install-step.ts'
import type { InstallStepId } from './install-step-ids.ts'

const rebootOf = (result: StepResult | undefined) => (result?.status === 'done' ? result.reboot : undefined)

/** The step after which the machine has to be rebooted now. */
export const findDueReboot = (history: InstallHistory): InstallStepId | undefined =>
  (Object.keys(history) as InstallStepId[]).find((id) => rebootOf(history[id]) === 'due')

/** The outcome says whether a requested reboot has happened. */
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
