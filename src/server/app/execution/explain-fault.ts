import { ChandlerError, chandlerError } from '../../../core/error/errors.ts'
import { isDataFault } from '../../../store/database/data-fault.ts'
import { isDatabaseDiskFull, isDatabaseDown } from '../../../store/database/database-fault.ts'

/** What an error that a use case let through says to the one who asked; undefined if it is a mistake of ours. */
export function explainFault(error: unknown): ChandlerError | undefined {
  if (error instanceof ChandlerError) return error
  if (isDatabaseDiskFull(error)) return chandlerError('DatabaseDiskFull', {}, undefined, { cause: error })
  if (isDatabaseDown(error)) return chandlerError('DatabaseUnavailable', {}, undefined, { cause: error })
  if (isDataFault(error)) {
    return chandlerError('RequestInvalid', { reason: 'it holds a value that the database cannot keep' }, undefined, {
      cause: error,
    })
  }
  return undefined
}

/** Whether a batch that failed so may have failed for a part of it: whatever is not the database's own state. */
export const isOneItemsFault = (error: unknown): boolean => !isDatabaseDown(error)
