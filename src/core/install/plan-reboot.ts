import type { InvocationOutcome } from '../execution/invocation.ts'
import type { InstallHistory, InstallStepId, StepResult } from './install-step.ts'

const rebootOf = (result: StepResult | undefined) => (result?.status === 'done' ? result.reboot : undefined)

/** The step after which the machine has to be rebooted now. */
export const findDueReboot = (history: InstallHistory): InstallStepId | undefined =>
  (Object.keys(history) as InstallStepId[]).find((id) => rebootOf(history[id]) === 'due')

/** The outcome says whether a requested reboot has happened. */
export function sayReboots(outcome: InvocationOutcome, history: InstallHistory): InvocationOutcome {
  const reboots = Object.values(history).map(rebootOf)
  if (reboots.includes('refused')) {
    const isDone = outcome.state === 'succeeded' && outcome.reasonCode === 'Succeeded'
    return { ...say(outcome, refused), ...(isDone ? { reasonCode: 'RebootRequired' } : {}) }
  }
  return reboots.includes('done') ? say(outcome, 'The instance was rebooted.') : outcome
}

const refused = 'A script requested a reboot, which the execution does not allow: reboot the instance.'

const say = (outcome: InvocationOutcome, sentence: string): InvocationOutcome => ({
  ...outcome,
  reason: `${endSentence(outcome.reason)} ${sentence}`.trim(),
})

/** A reason may end with output of a script. */
export const endSentence = (text: string) => (text === '' || /[.!?…]$/.test(text) ? text : `${text}.`)
