import type { Client } from '../../../../src/client/client.ts'

/** GET /overview. */
export type OverviewData = Awaited<ReturnType<Client['overview']['get']>>
