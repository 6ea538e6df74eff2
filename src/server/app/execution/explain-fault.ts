import { ChandlerError, chandlerError } from '../../../core/error/errors.ts'
import { isDataFault } from '../../../store/database/data-fault.ts'
import { isDatabaseDiskFull, isDatabaseDown } from '../../../store/database/database-fault.ts'

/**
 * Converts an unhandled error of a use case to an error for the client; undefined if it is an
 * internal error.
 */
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

/**
 * Whether a failed batch may succeed without some of its items: not if the database itself is
 * unavailable.
 */
export const isOneItemsFault = (error: unknown): boolean => !isDatabaseDown(error)
