import { chandlerError } from '../../../core/error/errors.ts'
import type { Claim } from '../signature/claim.ts'
import { readV1 } from '../signature/read-v1.ts'
import { readV3 } from '../signature/read-v3.ts'
import { mergeParameters, parseParameters } from './parse-parameters.ts'

/** A parsed, unverified call. */
export interface OosRequest {
  readonly action: string
  readonly version: string
  /** The requested format; empty for JSON. */
  readonly format: string
  readonly securityToken: string
  /** The operation's own parameters. */
  readonly parameters: ReadonlyMap<string, string>
  readonly claim: () => Claim
}

/** The parts of an HTTP request that the parser uses. */
export interface WireRequest {
  readonly method: string
  /** As in the request line. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

const apiVersion = '2019-06-01'

/**
 * Parameters of the protocol, which no operation receives. The region that a client names is
 * ignored, because a server has only one.
 */
const commonParameters = new Set([
  'AccessKeyId',
  'Action',
  'Format',
  'RegionId',
  'SecurityToken',
  'Signature',
  'SignatureMethod',
  'SignatureNonce',
  'SignatureType',
  'SignatureVersion',
  'Timestamp',
  'Version',
])

/**
 * Undefined if the request is not a call of this API. A call has an action: in a signed header
 * (version 3 of the signature), or else in a parameter, where version 1 signs it; a header beside
 * it is then ignored.
 * @throws RequestInvalid, MediaTypeUnsupported
 */
export function readOosRequest(request: WireRequest): OosRequest | undefined {
  const query = parseParameters(request.url.split('?').slice(1).join('?'))
  const form = isForm(request) ? parseParameters(request.body.toString('utf8')) : []
  const parameters = mergeParameters(query, form)
  const header = (name: string) => readHeader(request, name)
  const isV3 = header('authorization').startsWith('ACS3-')
  const action = isV3 ? header('x-acs-action') : (parameters.get('Action') ?? header('x-acs-action'))
  if (action === '') return undefined
  if (request.body.length > 0 && !isForm(request)) {
    throw chandlerError('MediaTypeUnsupported', { contentType: header('content-type') })
  }
  const parameter = (name: string) => parameters.get(name) ?? ''
  return {
    action,
    version: isV3 ? header('x-acs-version') : parameter('Version'),
    format: parameter('Format'),
    securityToken: parameter('SecurityToken') || header('x-acs-security-token'),
    parameters: new Map([...parameters].filter(([name]) => !commonParameters.has(name))),
    claim: () => (isV3 ? readV3({ ...request, query }) : readV1(request.method, parameters)),
  }
}

/**
 * The checks before authentication.
 * @throws RequestParameterMissing, ApiVersionUnsupported, RequestParameterInvalid,
 * SecurityTokenUnsupported
 */
export function checkCall({ version, format, securityToken }: OosRequest): void {
  if (version === '') throw chandlerError('RequestParameterMissing', { name: 'Version' })
  if (version !== apiVersion) throw chandlerError('ApiVersionUnsupported', { version })
  if (!/^(json|xml)?$/i.test(format)) {
    throw chandlerError('RequestParameterInvalid', { name: 'Format', reason: 'must be JSON or XML' })
  }
  if (securityToken !== '') throw chandlerError('SecurityTokenUnsupported', {})
}

/** The response format that a request asks for, even if the request is otherwise invalid. */
export const formatOf = ({ url, body }: Pick<WireRequest, 'url' | 'body'>): 'json' | 'xml' =>
  /[?&]Format=xml(&|$)/i.test(url) || /(^|&)Format=xml(&|$)/i.test(body.toString('latin1')) ? 'xml' : 'json'

/** A body without a content type is treated as a form, the only kind of body in this API. */
function isForm(request: WireRequest): boolean {
  const contentType = readHeader(request, 'content-type')
  return contentType === '' || /^application\/x-www-form-urlencoded\b/i.test(contentType)
}

const readHeader = ({ headers }: WireRequest, name: string): string => {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}
