import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ChandlerError } from '../../../../core/error/errors.ts'
import type { AccessEvent, AccessEvents } from '../../../app/access/access-events.ts'
import { parseAuthorization } from '../../http/credentials/parse-authorization.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Records a refusal that is answered with a redirect instead of an error. */
    noteRefusal(error: ChandlerError): void
  }
}

/** Records access events for errors that deny access; other errors concern no permissions. */
export function registerAccessEvents(api: FastifyInstance, events: AccessEvents): void {
  const note = (request: FastifyRequest, error: ChandlerError) => {
    const event = describeRefusal(error, request)
    if (event) events.note(event)
  }
  api.decorateRequest('noteRefusal', function (this: FastifyRequest, error: ChandlerError) {
    note(this, error)
  })
  api.addHook('onError', async (request, _reply, error) => {
    if (error instanceof ChandlerError) note(request, error)
  })
  api.addHook('onClose', () => events.close())
}

const authenticationCodes: ReadonlySet<string> = new Set([
  'AccessKeyInvalid',
  'AccessKeyUnknown',
  'AccessKeyDisabled',
  'AccessKeyExpired',
  'SignatureInvalid',
  'SignatureNonceUsed',
  'AuthenticationThrottled',
])
const ssoCodes: ReadonlySet<string> = new Set(['SsoRefused', 'SsoNotStarted', 'SsoNameMissing', 'SsoNameTaken'])
const joinTokenCodes: ReadonlySet<string> = new Set([
  'JoinTokenInvalid',
  'JoinTokenRevoked',
  'JoinTokenExpired',
  'JoinTokenUsedUp',
])

function describeRefusal(error: ChandlerError, request: FastifyRequest): AccessEvent | undefined {
  const { code, details = {} } = error
  const base = { actor: undefined, source: request.ip, detail: { code, request: nameOf(request) } }
  // The password was right, and the user is asked for the code.
  if (code === 'SecondFactorRequired') return undefined
  if (ssoCodes.has(code))
    return {
      ...base,
      action: 'SignInFailed',
      resource: 'single-sign-on',
      detail: { ...base.detail, reason: error.message },
    }
  const { userName } = (request.body ?? {}) as { readonly userName?: string }
  if (code === 'SignInFailed' || (code === 'SecondFactorWrong' && userName !== undefined)) {
    return { ...base, action: 'SignInFailed', claims: { user: userName }, resource: 'user' }
  }
  if (joinTokenCodes.has(code)) return { ...base, action: 'EnrolmentRefused', resource: 'join-token' }
  if (authenticationCodes.has(code)) {
    const accessKey =
      typeof details.id === 'string' ? details.id : parseAuthorization(request.headers.authorization)?.id
    return { ...base, action: 'AuthenticationFailed', claims: { accessKey }, resource: 'access-key' }
  }
  if (error.status !== 403) return undefined
  const { action, resource } = details
  return {
    ...base,
    action: 'RequestRefused',
    actor: request.actor ?? undefined,
    resource: typeof resource === 'string' ? resource : nameOf(request),
    detail: { ...base.detail, ...(typeof action === 'string' ? { action } : {}) },
  }
}

/** The route, not the URL, which may contain anything. */
const nameOf = ({ method, routeOptions: { url }, operation }: FastifyRequest) => operation ?? `${method} ${url ?? '?'}`
