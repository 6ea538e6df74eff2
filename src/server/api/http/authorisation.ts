import type { FastifyInstance, FastifyRequest } from 'fastify'
import { authorise, resourceFor } from '../../app/access/authorise.ts'
import type { AppContext } from '../../app/context.ts'

/** One thing that one has to be allowed: a RAM action, and what it is done to (see `resourceNameOf`). */
export interface RoutePermission {
  readonly action: string
  /**
   * The relative name, such as `template/{params.name}`: braces are filled from the request after it was validated, with the first of several
   * that is there: `user/{body.userName|actor.name}`. A list is about all of its kind at once: `template/*`.
   */
  readonly on: string
}

/**
 * What one has to be allowed for a route: all of these; or nothing but a valid access key; or what its use case asks, because that has to look
 * first.
 */
export type RouteAccess = readonly RoutePermission[] | 'any-user' | 'use-case'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route has this unless it is open: one without does not start. */
    access?: RouteAccess
  }
}

/** Holds every request against what its route says, before its handler runs. */
export function registerAuthorisation(
  api: FastifyInstance,
  context: Pick<AppContext, 'clock' | 'region'>,
  isOpen: (url: string) => boolean,
): void {
  api.addHook('onRoute', ({ method, url, config }) => {
    if (config?.open || config?.access || isOpen(url)) return
    throw new Error(`${[method].flat().join(', ')} ${url} does not say who may ask: give its config an access`)
  })
  api.addHook('preHandler', async (request) => {
    const { access } = request.routeOptions.config
    if (!request.is404 && access !== undefined) authoriseAccess(context, access, request)
  })
}

/** What permissions are filled from. */
type Filling = Pick<FastifyRequest, 'params' | 'body' | 'actor'>

/** @throws AccessDenied */
export function authoriseAccess(
  context: Pick<AppContext, 'clock' | 'region'>,
  access: RouteAccess,
  request: Filling,
): void {
  if (typeof access === 'string') return
  for (const { action, on } of access)
    authorise(context, request.actor, {
      action,
      resource: resourceFor(context, request.actor, action, fill(on, request)),
    })
}

function fill(template: string, { params, body, actor }: Filling): string {
  const sources: Readonly<Record<string, unknown>> = { params, body, actor }
  return template.replaceAll(/\{([^}]+)\}/g, (_, choices: string) => {
    for (const choice of choices.split('|')) {
      const [source = '', name = ''] = choice.split('.')
      const value = (sources[source] as Readonly<Record<string, unknown>> | null | undefined)?.[name]
      if (typeof value === 'string') return value
    }
    throw new Error(`the request has nothing for {${choices}} of ${template}`)
  })
}
