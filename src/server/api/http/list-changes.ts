import type { FastifyInstance } from 'fastify'
import type { AppContext, ListName } from '../../app/context.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers a question that is too long for an address: nothing is changed by it. */
    readsOnly?: true
  }
}

/** Tags of routes that are names of lists. */
const lists: ReadonlySet<unknown> = new Set<ListName>(['executions', 'instances', 'extensions'])
const isList = (tag: string): tag is ListName => lists.has(tag)

/** After a request that changed something: tells whoever shows the list that its route belongs to. */
export function registerListChanges(api: FastifyInstance, { changed }: Pick<AppContext, 'changed'>): void {
  api.addHook('onResponse', async ({ method, actor, routeOptions }, { statusCode }) => {
    const { schema, config } = routeOptions
    if (method === 'GET' || method === 'HEAD' || config.readsOnly || statusCode >= 400 || !actor) return
    const touched = (schema?.tags ?? []).filter(isList)
    if (touched.length > 0) changed(touched.map((list) => `${list}/${actor.accountId}` as const))
  })
}
