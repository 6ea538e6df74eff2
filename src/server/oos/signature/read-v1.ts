import { chandlerError } from '../../../core/error/errors.ts'
import type { Claim } from './claim.ts'
import { equalTexts } from './equal-texts.ts'
import { renderStringToSignV1, signV1, v1Hashes } from './sign-v1.ts'

/**
 * Parses the claim of a request with signature version 1, which is in its parameters, all of which
 * are signed.
 * @throws RequestParameterMissing, SignatureMethodUnsupported, RequestParameterInvalid
 */
export function readV1(method: string, parameters: ReadonlyMap<string, string>): Claim {
  const type = parameters.get('SignatureType')
  if (type) throw chandlerError('SignatureMethodUnsupported', { method: type })
  const accessKeyId = need(parameters, 'AccessKeyId')
  const signature = need(parameters, 'Signature')
  const hashName = need(parameters, 'SignatureMethod').toUpperCase()
  const version = need(parameters, 'SignatureVersion')
  if (!isHashName(hashName)) throw chandlerError('SignatureMethodUnsupported', { method: hashName })
  if (version !== '1.0') {
    throw chandlerError('RequestParameterInvalid', { name: 'SignatureVersion', reason: 'must be 1.0' })
  }
  const signed = [...parameters].filter(([name]) => name !== 'Signature')
  return {
    accessKeyId,
    nonce: need(parameters, 'SignatureNonce'),
    time: need(parameters, 'Timestamp'),
    isSignedWith: (secret) =>
      equalTexts(signature, signV1(renderStringToSignV1(method, signed), secret, v1Hashes[hashName])),
  }
}

function need(parameters: ReadonlyMap<string, string>, name: string): string {
  const value = parameters.get(name)
  if (!value) throw chandlerError('RequestParameterMissing', { name })
  return value
}

const isHashName = (name: string): name is keyof typeof v1Hashes => Object.hasOwn(v1Hashes, name)
