import { type FreezeInput, freezeSchema, freezesSchema } from '../protocol/api/timing.ts'
import { pathOf, type Transport } from './transport.ts'

/** Times in which nothing starts in the account. */
export const createFreezesClient = (transport: Transport) => ({
  list: () => transport.request('GET', '/freezes', freezesSchema),
  create: (body: FreezeInput) => transport.request('POST', '/freezes', freezeSchema, { body }),
  /** Creates it, or changes its times. */
  put: ({ name, ...body }: FreezeInput) => transport.request('PUT', pathOf`/freezes/${name}`, freezeSchema, { body }),
  delete: (name: string) => transport.send('DELETE', pathOf`/freezes/${name}`),
})
