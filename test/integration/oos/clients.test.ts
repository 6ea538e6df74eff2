/**
 * The official clients, unmodified, against the real API: the server understands their requests,
 * and errors reach the script.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createManualClock } from '../../../src/lib/manual-clock.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, startTestApi, type TestApi } from '../registry/test-api.ts'
import { clientNames, makeClients } from './clients.ts'

let db: TestDatabase
let api: TestApi

beforeAll(async () => {
  db = await startTestDatabase()
  // Clients sign with the clock of this machine.
  api = await startTestApi(db.database, createManualClock(Date.now()))
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

test.each(clientNames)('%s is answered', async (name) => {
  const call = makeClients(api.url, admin)[name]
  expect(await call('DescribeRegions', { RegionId: 'cn-hangzhou' })).toEqual({
    RequestId: expect.stringMatching(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/),
    Regions: [{ RegionId: 'default', LocalName: 'default', RegionEndpoint: new URL(api.url).host }],
  })
})
