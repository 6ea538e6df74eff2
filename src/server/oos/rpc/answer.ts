import type { ChandlerError } from '../../../core/error/errors.ts'
import { oosErrorOf } from './error-codes.ts'
import { renderXml } from './render-xml.ts'

export interface AnswerPlace {
  readonly requestId: string
  /** `HOST:PORT` as the client called it. */
  readonly host: string
  readonly protocol: string
}

/** What an error says to a client of OOS (reference 6.6). `Recommend` leads to the pages of this server. */
export const renderError = (error: ChandlerError, { requestId, host, protocol }: AnswerPlace) => ({
  RequestId: requestId,
  HostId: host,
  Code: oosErrorOf(error).code,
  Message: explain(error),
  Recommend: `${protocol}://${host}/docs`,
  ...(error.code === 'AccessDenied' ? { AccessDeniedDetail: renderDenial(error) } : {}),
})

/** A control that is refused says why, and there is no other field for that. */
const explain = ({ message, details = {} }: ChandlerError) =>
  typeof details.reason === 'string' && !message.includes(details.reason) ? `${message} ${details.reason}` : message

/** As SDKs hand it out. There are no users of other kinds here, and no policies but those of users. */
const renderDenial = ({ details = {} }: ChandlerError) => ({
  AuthAction: details.action,
  AuthResource: details.resource,
  AuthPrincipalType: 'SubUser',
  AuthPrincipalDisplayName: typeof details.principal === 'string' ? details.principal.replace(/^user /, '') : undefined,
  NoPermissionType: details.noPermissionType,
  PolicyType: 'AccountLevelIdentityBasedPolicy',
})

/** The text of an answer and what it is. `root` names it in XML. */
export const renderAnswer = (
  format: 'json' | 'xml',
  root: string,
  answer: Readonly<Record<string, unknown>>,
): { readonly contentType: string; readonly body: string } =>
  format === 'json'
    ? { contentType: 'application/json; charset=utf-8', body: JSON.stringify(answer) }
    : { contentType: 'text/xml; charset=utf-8', body: renderXml(root, answer) }
