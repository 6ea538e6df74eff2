import { type GroupInput, type GroupPatch, groupSchema, groupsSchema } from '../protocol/api/assignment/groups.ts'
import {
  declaredValuesListSchema,
  subjectValuesSchema,
  type ValuesPatch,
  type ValuesReplacement,
} from '../protocol/api/assignment/values.ts'
import { pathOf, type Transport } from './transport.ts'

/** Named filters over instances. */
export const createGroupsClient = (transport: Transport) => ({
  list: () => transport.request('GET', '/groups', groupsSchema),
  get: (name: string) => transport.request('GET', pathOf`/groups/${name}`, groupSchema),
  create: (body: GroupInput) => transport.request('POST', '/groups', groupSchema, { body }),
  update: (name: string, body: GroupPatch) =>
    transport.request('PATCH', pathOf`/groups/${name}`, groupSchema, { body }),
  delete: (name: string) => transport.send('DELETE', pathOf`/groups/${name}`),
})

/** Parameter values that are declared for groups, tags and instances. */
export const createValuesClient = (transport: Transport) => ({
  list: () => transport.request('GET', '/values', declaredValuesListSchema),
  /** Replaces all values of the subject. */
  put: (extension: string, body: ValuesReplacement) =>
    transport.request('PUT', pathOf`/extensions/${extension}/values`, subjectValuesSchema, { body }),
  /** Changes the named values of the subject; null removes one. */
  patch: (extension: string, body: ValuesPatch) =>
    transport.request('PATCH', pathOf`/extensions/${extension}/values`, subjectValuesSchema, { body }),
})
