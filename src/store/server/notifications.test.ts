import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../../../test/integration/database/postgres.ts'
import { listenToReplicas, notifyReplicas } from './notifications.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())

test('a notification from another sender is reported and ignored; later ones are received', async () => {
  const invalid: string[] = []
  const received = Promise.withResolvers<readonly unknown[]>()
  const listener = await listenToReplicas(
    db.connection,
    'self',
    (channel, words) => {
      if (words.includes('throws')) throw new Error('the receiver failed')
      received.resolve([channel, words])
    },
    (channel, error) => invalid.push(`${channel}: ${error instanceof Error ? error.name : ''}`),
  )
  const foreign = [
    'not JSON',
    '',
    'null',
    '7',
    '[]',
    '{}',
    '{"from":"x"}',
    '{"from":"x","words":[1]}',
    '{"from":1,"words":[]}',
  ]
  for (const payload of foreign) await db.pool.query("select pg_notify('chandler_nudge', $1)", [payload])
  await notifyReplicas(db.database, 'chandler_nudge', 'other', ['throws'])
  await notifyReplicas(db.database, 'chandler_nudge', 'self', ['own'])
  await notifyReplicas(db.database, 'chandler_changed', 'other', ['exec-1'])
  expect(await received.promise).toEqual(['chandler_changed', ['exec-1']])
  expect(invalid).toHaveLength(foreign.length + 1)
  expect(listener.gone.aborted).toBe(false)
  await listener.end()
})
