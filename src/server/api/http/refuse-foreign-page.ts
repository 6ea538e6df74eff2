import type { FastifyRequest } from 'fastify'
import { chandlerError } from '../../../core/error/errors.ts'
import { consoleHeader } from '../../../protocol/api/sessions.ts'

/**
 * A browser sends its cookies wherever a request comes from. So whatever changes something in a session must come from a page of ours: it has a header
 * that other sites' pages cannot set without being asked first (CORS), and nothing that the browser says of where it comes from says otherwise.
 * @throws ForeignPageRefused
 */
export function refuseForeignPage({ headers, host }: FastifyRequest): void {
  const site = headers['sec-fetch-site']
  const { origin } = headers
  // Browsers say the site only to addresses that they trust (HTTPS, this machine); the origin of a change they always say.
  const isOurs =
    site === undefined ? origin !== undefined && hostOf(origin) === host : site === 'same-origin' || site === 'none'
  if (headers[consoleHeader] === undefined || !isOurs) throw chandlerError('ForeignPageRefused', {})
}

const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined)
