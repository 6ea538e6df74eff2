import { chandlerError } from '../../../core/error/errors.ts'
import { sha256Of } from '../../../lib/digest.ts'
import type { Claim } from './claim.ts'
import { equalTexts } from './equal-texts.ts'
import { renderCanonicalRequestV3, signV3 } from './sign-v3.ts'

const algorithm = 'ACS3-HMAC-SHA256'
const requiredHeaders = [
  'x-acs-action',
  'x-acs-version',
  'x-acs-date',
  'x-acs-signature-nonce',
  'x-acs-content-sha256',
] as const

/**
 * Parses the claim of a request with signature version 3 from its headers. The client chooses which
 * headers it signs, so those that this server uses must be among them: the host, every x-acs-*, and
 * the content type of a body.
 * @throws RequestParameterMissing, SignatureMethodUnsupported, SignatureInvalid
 */
export function readV3(request: {
  readonly method: string
  readonly query: readonly (readonly [string, string])[]
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}): Claim {
  const headers = textHeaders(request.headers)
  const { accessKeyId, signedHeaders, signature } = parseAuthorization(headers.authorization ?? '')
  for (const name of requiredHeaders) if (!headers[name]) throw chandlerError('RequestParameterMissing', { name })
  const unsigned = Object.keys(headers).find(
    (name) => mustBeSigned(name, request.body.length > 0) && !signedHeaders.includes(name),
  )
  if (unsigned !== undefined) throw refuse(`the header ${unsigned} is not among the signed ones`)
  const payloadDigest = sha256Of(request.body)
  if (headers['x-acs-content-sha256'] !== payloadDigest) throw refuse('x-acs-content-sha256 is not that of the body')
  return {
    accessKeyId,
    nonce: headers['x-acs-signature-nonce'] as string,
    time: headers['x-acs-date'] as string,
    // Computed lazily: it is not needed for an unknown key.
    isSignedWith: (secret) =>
      equalTexts(
        signature,
        signV3(renderCanonicalRequestV3({ ...request, headers, signedHeaders, payloadDigest }), secret),
      ),
  }
}

const mustBeSigned = (name: string, hasBody: boolean) =>
  name === 'host' || name.startsWith('x-acs-') || (name === 'content-type' && hasBody)

function parseAuthorization(header: string) {
  const [method = ''] = header.split(' ', 1)
  if (method !== algorithm) throw chandlerError('SignatureMethodUnsupported', { method })
  const parts = new Map(
    header
      .slice(algorithm.length)
      .split(',')
      .map((part) => {
        const [name = '', ...value] = part.trim().split('=')
        return [name, value.join('=')] as const
      }),
  )
  const [accessKeyId, names, signature] = ['Credential', 'SignedHeaders', 'Signature'].map((name) => parts.get(name))
  if (!accessKeyId || !names || !signature) {
    throw refuse('Authorization is not of the form ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…')
  }
  const signedHeaders = names.split(';')
  const isSorted = signedHeaders.every((name, index) => index === 0 || (signedHeaders[index - 1] as string) < name)
  if (!isSorted || names !== names.toLowerCase()) throw refuse('SignedHeaders are not in lower case and sorted')
  return { accessKeyId, signedHeaders, signature }
}

/**
 * The HTTP parser joins repeated headers to one text, or to a list for a few headers that no client
 * signs.
 */
const textHeaders = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join(', ')]],
    ),
  )

const refuse = (reason: string) => chandlerError('SignatureInvalid', { reason })
