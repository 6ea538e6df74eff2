import type { FastifyInstance } from 'fastify'

type Strategy = Parameters<FastifyInstance['addConstraintStrategy']>[0]
type Handler = Parameters<ReturnType<Strategy['storage']>['set']>[1]

/**
 * Tells which of the two faces at `/` a request means, before anything of it is read: with an action (in the query or a header) or with a
 * body it may be a call of the OOS API. Whatever else has that address keeps it.
 */
export const faceStrategy: Strategy = {
  name: 'face',
  storage() {
    const handlers = new Map<string, Handler>()
    return {
      get: (face: string) => handlers.get(face) ?? null,
      set: (face: string, handler: Handler) => void handlers.set(face, handler),
    }
  },
  validate: () => true,
  deriveConstraint: ({ method, url = '', headers }) =>
    /^\/(\?|$)/.test(url) && (method === 'POST' || headers['x-acs-action'] !== undefined || /[?&]Action=/.test(url))
      ? 'oos'
      : undefined,
  mustMatchWhenDerived: false,
}
