import type { FastifyInstance } from 'fastify'
import type { AppContext, ListName } from '../../app/context.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A request that is sent as POST only because it is too long for a URL; it changes nothing. */
    readsOnly?: true
  }
}

/** Tags of routes that are names of lists. */
const lists: ReadonlySet<unknown> = new Set<ListName>(['executions', 'instances', 'extensions'])
const isList = (tag: string): tag is ListName => lists.has(tag)

/** After a request that changed something: notifies clients that show the list of its route. */
export function registerListChanges(api: FastifyInstance, { changed }: Pick<AppContext, 'changed'>): void {
  api.addHook('onResponse', async ({ method, actor, routeOptions }, { statusCode }) => {
    const { schema, config } = routeOptions
    if (method === 'GET' || method === 'HEAD' || config.readsOnly || statusCode >= 400 || !actor) return
    const touched = (schema?.tags ?? []).filter(isList)
    if (touched.length > 0) changed(touched.map((list) => `${list}/${actor.accountId}` as const))
  })
}
