import { chandlerError } from '../core/error/errors.ts'

/** No space, over quota, over the largest file the process may write. */
const fullCodes = ['ENOSPC', 'EDQUOT', 'EFBIG']

/**
 * Runs an action on files; what the system says no with is said in the words of the catalogue: ObjectStoreFull or
 * ObjectStoreUnavailable, with the system's error as cause. Anything else passes as it is.
 */
export async function explainFileError<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException
    if (code === undefined || syscall === undefined) throw cause
    throw chandlerError(fullCodes.includes(code) ? 'ObjectStoreFull' : 'ObjectStoreUnavailable', {}, undefined, {
      cause,
    })
  }
}
