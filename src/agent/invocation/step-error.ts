import type { StepFailure } from '../../core/install/install-plan.ts'

/** A step that cannot be done, with what the task shall say about it. */
export class StepError extends Error {
  override readonly name = 'StepError'
  readonly reasonCode: StepFailure['reasonCode']

  /** @param reason a sentence for people: what is wrong, where, what to do */
  constructor(reasonCode: StepFailure['reasonCode'], reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.reasonCode = reasonCode
  }
}

/** What a thrown value means for the step it ended. What is foreseen is a StepError or an error of the system; the rest is our own mistake. */
export function toStepFailure(error: unknown): StepFailure {
  if (error instanceof StepError) return { state: 'failed', reasonCode: error.reasonCode, reason: error.message }
  const { code, path, message } = error as NodeJS.ErrnoException
  const where = path === undefined ? '' : ` (${path})`
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return { state: 'failed', reasonCode: 'DiskFull', reason: `The disk is full${where}. Make room and try again.` }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return { state: 'failed', reasonCode: 'NotPermitted', reason: `The agent may not do this: ${message}.` }
  return { state: 'failed', reasonCode: 'AgentError', reason: `The agent could not go on: ${message}.` }
}
