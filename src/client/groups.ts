import { type GroupInput, type GroupPatch, groupSchema, groupsSchema } from '../protocol/api/assignment/groups.ts'
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
