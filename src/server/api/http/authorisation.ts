import type { FastifyInstance, FastifyRequest } from 'fastify'
import { authoriseResource } from '../../app/access/object-access.ts'
import type { AppContext } from '../../app/context.ts'

/** One required permission: a RAM action and the resource it applies to (see `resourceNameOf`). */
export interface RoutePermission {
  readonly action: string
  /**
   * The relative resource name, such as `template/{params.name}`: braces are filled from the
   * validated request, with the first alternative that is present:
   * `user/{body.userName|actor.name}`. A list applies to all resources of its kind: `template/*`; a
   * list of instances or executions contains the permitted ones.
   */
  readonly on: string
}

/**
 * The permissions that a route requires: all of these, only a valid access key, or those that its
 * use case checks, because it has to load the resource first.
 */
export type RouteAccess = readonly RoutePermission[] | 'any-user' | 'use-case'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Required for every route that is not open: the server does not start without it. */
    access?: RouteAccess
  }
}

type AuthorisationContext = Pick<AppContext, 'database' | 'clock' | 'region' | 'accountName'>

/** Checks the permissions of every request before its handler runs. */
export function registerAuthorisation(
  api: FastifyInstance,
  context: AuthorisationContext,
  isOpen: (url: string) => boolean,
): void {
  api.addHook('onRoute', ({ method, url, config }) => {
    if (config?.open || config?.access || isOpen(url)) return
    throw new Error(`${[method].flat().join(', ')} ${url} declares no permissions: give its config an access`)
  })
  api.addHook('preHandler', async (request) => {
    const { access } = request.routeOptions.config
    if (!request.is404 && access !== undefined) await authoriseAccess(context, access, request)
  })
}

/** The parts of a request that fill resource names. */
type Filling = Pick<FastifyRequest, 'params' | 'body' | 'actor'>

/**
 * Instances and executions are authorised with their labels. A list of them requires that there can
 * be a permitted one, and its use case returns only those.
 * @throws AccessDenied
 */
export async function authoriseAccess(
  context: AuthorisationContext,
  access: RouteAccess,
  request: Filling,
): Promise<void> {
  if (typeof access === 'string') return
  for (const { action, on } of access)
    await authoriseResource(context, request.actor, action, fill(on, request), on.includes('{'))
}

function fill(template: string, { params, body, actor }: Filling): string {
  const sources: Readonly<Record<string, unknown>> = { params, body, actor }
  return template.replaceAll(/\{([^}]+)\}/g, (_, choices: string) => {
    for (const choice of choices.split('|')) {
      const [source = '', name = ''] = choice.split('.')
      const value = (sources[source] as Readonly<Record<string, unknown>> | null | undefined)?.[name]
      if (typeof value === 'string') return value
    }
    throw new Error(`the request has no value for {${choices}} of ${template}`)
  })
}
