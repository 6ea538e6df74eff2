import type { ChandlerError } from '../../../core/error/errors.ts'
import { oosErrorOf } from './error-codes.ts'
import { renderXml } from './render-xml.ts'

export interface AnswerPlace {
  readonly requestId: string
  /** `HOST:PORT` as in the client's request. */
  readonly host: string
  readonly protocol: string
}

/**
 * Renders an error for a client of OOS (reference 6.6). `Recommend` links to the documentation on
 * this server.
 */
export const renderError = (error: ChandlerError, { requestId, host, protocol }: AnswerPlace) => ({
  RequestId: requestId,
  HostId: host,
  Code: oosErrorOf(error).code,
  Message: explain(error),
  Recommend: `${protocol}://${host}/docs`,
  ...(error.code === 'AccessDenied' ? { AccessDeniedDetail: renderDenial(error) } : {}),
})

/** Adds the reason why a control was refused, for which there is no other field. */
const explain = ({ message, details = {} }: ChandlerError) =>
  typeof details.reason === 'string' && !message.includes(details.reason) ? `${message} ${details.reason}` : message

/** The shape that SDKs expose. There are only users here, and only user policies. */
const renderDenial = ({ details = {} }: ChandlerError) => ({
  AuthAction: details.action,
  AuthResource: details.resource,
  AuthPrincipalType: 'SubUser',
  AuthPrincipalDisplayName: typeof details.principal === 'string' ? details.principal.replace(/^user /, '') : undefined,
  NoPermissionType: details.noPermissionType,
  PolicyType: 'AccountLevelIdentityBasedPolicy',
})

/** The text of a response and its content type. `root` is its element name in XML. */
export const renderAnswer = (
  format: 'json' | 'xml',
  root: string,
  answer: Readonly<Record<string, unknown>>,
): { readonly contentType: string; readonly body: string } =>
  format === 'json'
    ? { contentType: 'application/json; charset=utf-8', body: JSON.stringify(answer) }
    : { contentType: 'text/xml; charset=utf-8', body: renderXml(root, answer) }
