import { chandlerError } from '../core/error/errors.ts'

/** No space, quota exceeded, or file size limit of the process exceeded. */
const fullCodes = ['ENOSPC', 'EDQUOT', 'EFBIG']

/**
 * Runs an action on files and maps errors of the system to catalogue errors: ObjectStoreFull or
 * ObjectStoreUnavailable, with the system's error as cause. Other errors pass unchanged.
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
