import type { StepFailure } from '../../core/install/install-step.ts'

/** A step that failed, with the reason for the task. */
export class StepError extends Error {
  override readonly name = 'StepError'
  readonly reasonCode: StepFailure['reasonCode']

  /** @param reason a sentence: what is wrong, where, what to do */
  constructor(reasonCode: StepFailure['reasonCode'], reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.reasonCode = reasonCode
  }
}

/**
 * Classifies a thrown value as the failure of its step. Expected failures are StepErrors or errors
 * of the system; anything else is a bug.
 */
export function toStepFailure(error: unknown): StepFailure {
  if (error instanceof StepError) return { state: 'failed', reasonCode: error.reasonCode, reason: error.message }
  const { code, path, message } = error as NodeJS.ErrnoException
  const where = path === undefined ? '' : ` (${path})`
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return { state: 'failed', reasonCode: 'DiskFull', reason: `The disk is full${where}. Free disk space and retry.` }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return {
      state: 'failed',
      reasonCode: 'NotPermitted',
      reason: `The agent does not have the permission: ${message}.`,
    }
  return { state: 'failed', reasonCode: 'AgentError', reason: `The agent could not continue: ${message}.` }
}
