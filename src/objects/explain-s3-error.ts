import { ChandlerError, chandlerError } from '../core/error/errors.ts'

/** What a failed request to an S3 store means. */
export interface S3Failure {
  /**
   * `missing`: the object or upload does not exist. `full`: no space or quota. `refused`: the same request fails
   * again until an operator changes something. `temporary`: it may succeed later.
   */
  readonly kind: 'missing' | 'full' | 'refused' | 'temporary'
  /** The code of the store, the SDK or the system, such as `AccessDenied` or `ECONNREFUSED`. */
  readonly code: string
}

/** Codes that stores use when they have no space left; S3 itself has none. */
const fullCodes = new Set([
  'InsufficientStorage',
  // A quota of Swift. No request of this server has more bytes than S3 allows.
  'EntityTooLarge',
  'QuotaExceeded',
  'StorageFull',
  'XMinioStorageFull',
  'XMinioAdminBucketQuotaExceeded',
])
const missingCodes = new Set(['NoSuchKey', 'NotFound', 'NoSuchUpload'])
/** The SDK found no credentials, or its configuration is wrong. */
const unconfigured = /Credential|InvalidConfiguration/

/** Classifies an error of the SDK, after its own retries. */
export function classifyS3Error(error: unknown): S3Failure {
  const {
    name = '',
    code = name,
    $metadata,
    $retryable,
  } = error as {
    name?: string
    code?: string
    $metadata?: { httpStatusCode?: number }
    $retryable?: unknown
  }
  const status = $metadata?.httpStatusCode
  if (fullCodes.has(name) || status === 507) return { kind: 'full', code: name }
  if (missingCodes.has(name)) return { kind: 'missing', code: name }
  if (unconfigured.test(name)) return { kind: 'refused', code: name }
  if (status === undefined || status >= 500 || status === 429 || status === 408 || $retryable !== undefined)
    return { kind: 'temporary', code }
  return { kind: 'refused', code: name }
}

/**
 * Runs requests to the store and maps their errors to catalogue errors: ObjectStoreFull, ObjectStoreRefused,
 * ObjectStoreUnavailable. Errors of `missing` things and catalogue errors pass unchanged.
 */
export async function explainS3Error<Result>(request: () => Promise<Result>): Promise<Result> {
  try {
    return await request()
  } catch (cause) {
    if (cause instanceof ChandlerError) throw cause
    const { kind, code } = classifyS3Error(cause)
    if (kind === 'missing') throw cause
    if (kind === 'full') throw chandlerError('ObjectStoreFull', {}, undefined, { cause })
    if (kind === 'refused') throw chandlerError('ObjectStoreRefused', { code }, undefined, { cause })
    throw chandlerError('ObjectStoreUnavailable', {}, undefined, { cause })
  }
}

/** As `explainS3Error`; undefined if the object does not exist. */
export async function ignoringMissing<Result>(request: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await explainS3Error(request)
  } catch (error) {
    if (!(error instanceof ChandlerError) && classifyS3Error(error).kind === 'missing') return undefined
    throw error
  }
}
