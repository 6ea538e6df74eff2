import { ChandlerError } from '../../core/error/errors.ts'
import { isCertificateError } from '../../core/tls/describe-tls-error.ts'
import type { Clock } from '../../lib/clock.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { classifyS3Error } from '../../objects/explain-s3-error.ts'
import { createFileObjectStore } from '../../objects/file-object-store.ts'
import type { ObjectStore } from '../../objects/object-store.ts'
import type { MeasureS3Request, S3Settings } from '../../objects/s3-client.ts'
import type { ServerConfig } from './settings/config.ts'

/**
 * Opens the directory or the bucket of the settings. A bucket is checked by writing to it.
 * @throws OperatorError if the bucket cannot be used; errors of the directory
 */
export async function openObjectStore(
  { objectsDirectory, objectsBucket }: Pick<ServerConfig, 'objectsDirectory' | 'objectsBucket'>,
  clock: Clock,
  measure?: MeasureS3Request,
): Promise<ObjectStore> {
  if (objectsBucket === undefined) return createFileObjectStore(objectsDirectory, clock)
  // The SDK takes longer to load than the rest of the start.
  const [{ createS3Clients }, { createS3ObjectStore }] = await Promise.all([
    import('../../objects/s3-client.ts'),
    import('../../objects/s3-object-store.ts'),
  ])
  const store = createS3ObjectStore({ ...createS3Clients(objectsBucket, {}, measure), ...objectsBucket, clock })
  try {
    await store.check()
  } catch (error) {
    throw new OperatorError(explain(error, objectsBucket), { cause: error })
  }
  return store
}

/** The name of the bucket for messages. */
export const nameBucket = ({ bucket, prefix, endpoint }: S3Settings): string =>
  `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}${endpoint === undefined ? '' : ` at ${endpoint}`}`

function explain(error: unknown, settings: S3Settings): string {
  const cause = error instanceof ChandlerError ? error.cause : error
  const { kind, code } = classifyS3Error(cause)
  const where = nameBucket(settings)
  const said = `${code}: ${(cause as Error).message}`
  if (/Credential/.test(code))
    return `The server has no credentials for ${where} (${said}). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role.`
  if (code === 'NoSuchBucket') return `The bucket of ${where} does not exist. Create it, or correct CHANDLER_OBJECTS.`
  if (['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'ExpiredToken'].includes(code))
    return `The store refuses the credentials for ${where} (${said}). Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`
  if (code === 'AccessDenied' || code === 'Forbidden')
    return `The credentials may not use ${where} (${said}). Allow listing, reading, writing and deleting objects and multipart uploads.`
  if (['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'].includes(code))
    return `${where} is in another region (${said}). Correct CHANDLER_S3_REGION or CHANDLER_S3_ENDPOINT.`
  if (kind === 'full') return `${where} has no space left (${said}). Free space, or raise its quota.`
  if (isCertificateError(code))
    return `The certificate of ${where} is not valid for this machine (${said}). If a CA of your company certifies the store, add its CA to the CAs of the system.`
  if (kind === 'temporary')
    return `${where} cannot be reached (${said}). Check CHANDLER_S3_ENDPOINT, the network, and CHANDLER_S3_PATH_STYLE.`
  return `${where} cannot be used (${said}). Check CHANDLER_OBJECTS and the settings that start with CHANDLER_S3_.`
}
