/** admission-messages.sql with rows of earlier releases: the reason was an English sentence. */
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../../../test/integration/database/postgres.ts'
import type { AccountId } from '../../core/id.ts'
import { renderEnglishReason } from '../../core/reason/english-reasons.ts'
import { listNotAdmitted } from '../instance/admissions.ts'
import { migrate } from './migrate.ts'

const migrations = fileURLToPath(new URL('../migrations/', import.meta.url))
const sentences: readonly (readonly [admission: 'pending' | 'quarantined', reason: string])[] = [
  ['pending', 'It joined with jt-1, from 192.0.2.1.'],
  ['pending', 'It joined with jt-1, from an unknown address.'],
  [
    'quarantined',
    'An agent connected with a key that had been replaced: a copy of the state directory, or a machine that was set back to an earlier state. It came from 192.0.2.1.',
  ],
  [
    'quarantined',
    'Two agents connect with the identity of this instance in turns: its state directory was copied, or the machine was set back to an earlier state while it ran. It came from an unknown address.',
  ],
  ['quarantined', 'In other words.'],
]

let db: TestDatabase
let folder: string

beforeAll(async () => {
  db = await startTestDatabase({ migrated: false })
  folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  const all = (await readdir(migrations)).toSorted()
  const earlier = all.slice(
    0,
    all.findIndex((name) => name.endsWith('-admission-messages.sql')),
  )
  for (const name of earlier) await copyFile(join(migrations, name), join(folder, name))
  await migrate(db.pool, pathToFileURL(`${folder}/`))
  await db.pool.query(`
    insert into accounts (id, name) values ('default', 'default');
    insert into instances (id, account_id, name, public_key, facts) values ('i-0', 'default', 'web', '\\x00', '{}')
  `)
  for (const [index, [admission, reason]] of sentences.entries())
    await db.pool.query(
      `insert into instances (id, account_id, name, public_key, facts, admission, admission_reason, admission_at)
       values ($1, 'default', 'web', $2, '{}', $3, $4, now())`,
      [`i-${index + 1}`, Buffer.from([index + 1]), admission, reason],
    )
  await migrate(db.pool)
})
afterAll(async () => {
  await db.stop()
  await rm(folder, { recursive: true })
})

test('the sentences become codes that read the same; an unknown one stays as it is', async () => {
  const list = async (admission: 'pending' | 'quarantined') =>
    (await listNotAdmitted(db.database, 'default' as AccountId, admission, 9)).first
  const found = [...(await list('pending')), ...(await list('quarantined'))]
  const codes = new Map(found.map(({ id, reason }) => [id as string, reason.map(({ code }) => code)]))
  expect(Object.fromEntries(codes)).toEqual({
    'i-1': ['JoinedWithToken'],
    'i-2': ['JoinedWithToken'],
    'i-3': ['KeyReplaced'],
    'i-4': ['ConnectedTwice'],
    'i-5': ['Text'],
  })
  for (const { id, reason } of found) expect(renderEnglishReason(reason)).toBe(sentences[Number(id.slice(2)) - 1]?.[1])
})
