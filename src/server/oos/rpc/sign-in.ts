import { ChandlerError, chandlerError } from '../../../core/error/errors.ts'
import { signatureWindowMs } from '../../../core/limits.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { Authenticator } from '../../app/access/authenticate.ts'
import type { FailedSignIns } from '../../app/access/failed-sign-ins.ts'
import type { Actor } from '../../app/context.ts'
import type { Claim } from '../signature/claim.ts'
import { showTime } from './show-time.ts'

export interface OosSignIn {
  readonly authenticator: Authenticator
  readonly failed: FailedSignIns
  readonly clock: Pick<Clock, 'now'>
}

/**
 * Authenticates the signer of a request. Failed attempts count together with those at the native
 * API.
 * @throws AuthenticationThrottled, SignatureTimeInvalid, SignatureExpired, and errors of
 * `authenticateSigned`
 */
export async function signInOos(
  { authenticator, failed, clock }: OosSignIn,
  claim: Claim,
  source: string,
): Promise<Actor> {
  refuseOldRequests(claim, clock.now())
  // No id has other characters, and the database does not accept a NUL.
  if (!/^[\w.-]{1,128}$/.test(claim.accessKeyId)) throw chandlerError('AccessKeyUnknown', { id: claim.accessKeyId })
  if (!/^[\x21-\x7e]{1,128}$/.test(claim.nonce)) {
    const reason = 'must have 1 to 128 letters of ASCII'
    throw chandlerError('RequestParameterInvalid', { name: 'SignatureNonce', reason })
  }
  try {
    return await authenticator.authenticateSigned(claim, source)
  } catch (error) {
    if (error instanceof ChandlerError && error.status === 401)
      failed.refuse({ source, subject: `access-key/${claim.accessKeyId}` })
    throw error
  }
}

function refuseOldRequests({ time }: Claim, now: number) {
  const signedAt = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(time) ? Date.parse(time) : Number.NaN
  if (Number.isNaN(signedAt)) throw chandlerError('SignatureTimeInvalid', { time })
  if (Math.abs(now - signedAt) <= signatureWindowMs) return
  throw chandlerError('SignatureExpired', { time, minutes: signatureWindowMs / 60_000, now: showTime(new Date(now)) })
}
