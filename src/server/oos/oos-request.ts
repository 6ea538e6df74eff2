import { chandlerError } from '../../core/errors.ts'
import { mergeParameters, parseParameters } from './parse-parameters.ts'
import type { Claim } from './signature/claim.ts'
import { readV1 } from './signature/read-v1.ts'
import { readV3 } from './signature/read-v3.ts'

/** A call as it came, read but not believed. */
export interface OosRequest {
  readonly action: string
  readonly version: string
  /** The operation's own parameters. */
  readonly parameters: ReadonlyMap<string, string>
  readonly claim: () => Claim
}

export interface WireRequest {
  readonly method: string
  /** As in the request line. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

const apiVersion = '2019-06-01'

/** Of the protocol: no operation sees them. Which region a client names does not matter: it has called this one. */
const commonParameters = new Set([
  'AccessKeyId',
  'Action',
  'Format',
  'RegionId',
  'Signature',
  'SignatureMethod',
  'SignatureNonce',
  'SignatureType',
  'SignatureVersion',
  'Timestamp',
  'Version',
])

/**
 * Undefined for what is no call of this API. A call is what has an action: in a header that is signed (version 3 of the signature), or
 * else in a parameter, where version 1 signs it; a header beside it then says nothing.
 * @throws RequestInvalid, MediaTypeUnsupported
 */
export function readOosRequest(request: WireRequest): OosRequest | undefined {
  const query = parseParameters(request.url.split('?').slice(1).join('?'))
  const form = parseParameters(readForm(request))
  const parameters = mergeParameters(query, form)
  const isV3 = readHeader(request, 'authorization').startsWith('ACS3-')
  const action = parameters.get('Action') ?? readHeader(request, 'x-acs-action')
  if (action === '') return undefined
  const own = new Map([...parameters].filter(([name]) => !commonParameters.has(name)))
  if (!isV3) {
    const version = parameters.get('Version') ?? ''
    return { action, version, parameters: own, claim: () => readV1(request.method, parameters) }
  }
  const version = readHeader(request, 'x-acs-version')
  return {
    action: readHeader(request, 'x-acs-action'),
    version,
    parameters: own,
    claim: () => readV3({ ...request, query }),
  }
}

/** @throws RequestParameterMissing, ApiVersionUnsupported */
export function checkVersion({ version }: OosRequest): void {
  if (version === '') throw chandlerError('RequestParameterMissing', { name: 'Version' })
  if (version !== apiVersion) throw chandlerError('ApiVersionUnsupported', { version })
}

function readForm(request: WireRequest): string {
  if (request.body.length === 0) return ''
  const contentType = readHeader(request, 'content-type')
  // A body without a type is what the API has bodies for.
  if (contentType !== '' && !/^application\/x-www-form-urlencoded\b/i.test(contentType)) {
    throw chandlerError('MediaTypeUnsupported', { contentType })
  }
  return request.body.toString('utf8')
}

const readHeader = ({ headers }: WireRequest, name: string): string => {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}
