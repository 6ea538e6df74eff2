import type { FastifyRequest } from 'fastify'
import { chandlerError } from '../../../core/error/errors.ts'
import { consoleHeader } from '../../../protocol/api/sessions.ts'

/**
 * A browser sends its cookies with requests of any site (CSRF). A request of a session that changes
 * something must therefore come from the console: it needs a header that other sites cannot set
 * without a preflight (CORS), and the browser's origin headers must not contradict it.
 * @throws ForeignPageRefused
 */
export function refuseForeignPage({ headers, host }: FastifyRequest): void {
  const site = headers['sec-fetch-site']
  const { origin } = headers
  // Browsers send Sec-Fetch-Site only to trustworthy addresses (HTTPS, localhost), but always send
  // the origin of a change.
  const isOurs =
    site === undefined ? origin !== undefined && hostOf(origin) === host : site === 'same-origin' || site === 'none'
  if (headers[consoleHeader] === undefined || !isOurs) throw chandlerError('ForeignPageRefused', {})
}

const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined)
