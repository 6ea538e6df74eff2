import type { Client } from '../../../../src/client/client.ts'

/** GET /overview. */
export type Overview = Awaited<ReturnType<Client['overview']['get']>>
