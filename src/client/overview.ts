import { overviewSchema } from '../protocol/api/overview.ts'
import type { Transport } from './transport.ts'

export const createOverviewClient = (transport: Transport) => ({
  get: (query: { readonly days?: number | undefined } = {}) =>
    transport.request('GET', '/overview', overviewSchema, { query: { ...query } }),
})
