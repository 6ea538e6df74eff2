import type { FastifyInstance } from 'fastify'

type Strategy = Parameters<FastifyInstance['addConstraintStrategy']>[0]
type Handler = Parameters<ReturnType<Strategy['storage']>['set']>[1]

/**
 * Selects the API surface of a request before its body is read. A request to `/` with an action (in
 * the query or a header) or with a body may be a call of the OOS API. A browser navigation gets the
 * console's page, unless the path belongs to another route.
 */
export const surfaceStrategy: Strategy = {
  name: 'surface',
  storage() {
    const handlers = new Map<string, Handler>()
    return {
      get: (surface: string) => handlers.get(surface) ?? null,
      set: (surface: string, handler: Handler) => void handlers.set(surface, handler),
    }
  },
  validate: () => true,
  deriveConstraint({ method, url = '', headers }) {
    const isHome = /^\/(\?|$)/.test(url)
    if (isHome && (method === 'POST' || headers['x-acs-action'] !== undefined || /[?&]Action=/.test(url))) return 'oos'
    const isReading = method === 'GET' || method === 'HEAD'
    return isReading && String(headers.accept).includes('text/html') ? 'console' : undefined
  },
  mustMatchWhenDerived: false,
}
