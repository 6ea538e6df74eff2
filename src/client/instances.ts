import type { InstanceStatus } from '../core/instance/instance.ts'
import {
  type InstancePatch,
  type InstanceSort,
  instanceDetailSchema,
  instanceExtensionSchema,
  instanceHistorySchema,
  instancePageSchema,
  instanceSchema,
  instanceValuesSchema,
} from '../protocol/api/instances.ts'
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
  /** Conditions; `renderInstanceFilter` writes them. */
  readonly filter?: string | undefined
  /** Substring of the name, an id, the host name or an address. */
  readonly search?: string | undefined
  readonly sort?: InstanceSort | undefined
  /** Whether the answer contains the total count. */
  readonly count?: boolean | undefined
}

export type InstanceSelection = Omit<InstanceQuery, keyof PageQuery | 'sort' | 'count'>

const extensionPage = pageOf(instanceExtensionSchema)
const historyPage = pageOf(instanceHistorySchema)

export const createInstancesClient = (transport: Transport) => ({
  list: (query: InstanceQuery = {}) =>
    transport.request('GET', '/instances', instancePageSchema, { query: { ...query } }),
  /** Values that a filter on a property can have; `tag` lists the keys of tags. */
  values: (query: { readonly property: string; readonly text?: string | undefined }) =>
    transport.request('GET', '/instances/values', instanceValuesSchema, { query }),
  /** CSV as a stream. */
  exportCsv: (query: InstanceSelection = {}, signal?: AbortSignal) =>
    transport.open('/instances.csv', { query: { ...query }, headers: { accept: 'text/csv' }, signal }),
  listExtensions: (id: string, query: PageQuery & { readonly name?: string | undefined } = {}) =>
    transport.request('GET', pathOf`/instances/${id}/extensions`, extensionPage, { query: { ...query } }),
  /** Executions that targeted it, newest first. */
  listHistory: (id: string, query: PageQuery = {}) =>
    transport.request('GET', pathOf`/instances/${id}/history`, historyPage, { query: { ...query } }),
  get: (id: string) => transport.request('GET', pathOf`/instances/${id}`, instanceDetailSchema),
  patch: (id: string, body: InstancePatch) =>
    transport.request('PATCH', pathOf`/instances/${id}`, instanceSchema, { body }),
  setRole: (id: string, role: string) => transport.send('PUT', pathOf`/instances/${id}/role`, { body: { role } }),
  approve: (id: string) => transport.request('POST', pathOf`/instances/${id}/approve`, instanceSchema),
  reject: (id: string) => transport.send('POST', pathOf`/instances/${id}/reject`),
  release: (id: string) => transport.request('POST', pathOf`/instances/${id}/release`, instanceSchema),
  /** `force`: also while an execution runs on it. */
  delete: (id: string, { force = false } = {}) =>
    transport.send('DELETE', pathOf`/instances/${id}`, { query: { force } }),
})
