import type { InstanceStatus } from '../core/instance.ts'
import { type InstancePatch, instanceSchema } from '../protocol/api/instances.ts'
import { pageOf } from '../protocol/api/page.ts'
import type { PageQuery } from './pages.ts'
import { pathOf, type Transport } from './transport.ts'

export interface InstanceQuery extends PageQuery {
  /** A selector as text, such as `tag:env=prod`. */
  readonly targets?: string | undefined
  readonly status?: InstanceStatus | undefined
  readonly name?: string | undefined
  /** Only instances that have this extension, and `version` of it if given. */
  readonly extension?: string | undefined
  readonly version?: string | undefined
}

const instancePage = pageOf(instanceSchema)

export const createInstancesClient = (transport: Transport) => ({
  list: (query: InstanceQuery = {}) => transport.request('GET', '/instances', instancePage, { query: { ...query } }),
  get: (id: string) => transport.request('GET', pathOf`/instances/${id}`, instanceSchema),
  patch: (id: string, body: InstancePatch) =>
    transport.request('PATCH', pathOf`/instances/${id}`, instanceSchema, { body }),
  delete: (id: string) => transport.send('DELETE', pathOf`/instances/${id}`),
})
