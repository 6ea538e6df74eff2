import type { AgentReason } from '../../core/install/agent-reason.ts'
import type { StepFailure } from '../../core/install/install-step.ts'
import { renderEnglishReason } from '../../core/reason/english-reasons.ts'
import { makeReason } from '../../core/reason/reason.ts'

/** A step that failed, with the reason for the task. */
export class StepError extends Error {
  override readonly name = 'StepError'
  readonly reasonCode: StepFailure['reasonCode']
  readonly reason: AgentReason

  /** @param reason what is wrong, where, and what to do */
  constructor(reasonCode: StepFailure['reasonCode'], reason: AgentReason, options?: ErrorOptions) {
    // For logs: the task gets the reason.
    super(renderEnglishReason(reason), options)
    this.reasonCode = reasonCode
    this.reason = reason
  }
}

/**
 * Classifies a thrown value as the failure of its step. Expected failures are StepErrors or errors
 * of the system; anything else is a bug.
 */
export function toStepFailure(error: unknown): StepFailure {
  const fail = (reasonCode: StepFailure['reasonCode'], reason: AgentReason) =>
    ({ state: 'failed', reasonCode, reason }) as const
  if (error instanceof StepError) return fail(error.reasonCode, error.reason)
  const { code, path = '', message } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') return fail('DiskFull', makeReason('InstanceDiskFull', { path }))
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return fail('NotPermitted', makeReason('AgentNotPermitted', { error: message }))
  return fail('AgentError', makeReason('AgentCouldNotContinue', { error: message }))
}
