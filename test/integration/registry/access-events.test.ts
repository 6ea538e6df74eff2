/** Audit log entries of requests: which key was refused, and which resources executions had. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { sha256Of } from '../../../src/lib/digest.ts'
import { createManualClock } from '../../../src/lib/manual-clock.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { makeUser } from './access-users.ts'
import { admin, basic, makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi

beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())
beforeEach(async () => {
  api = await startTestApi(db.database, createManualClock(Date.now()))
  await db.pool.query('delete from audit_log')
})
afterEach(() => api.close())

type Entry = Record<string, unknown>
const entries = async (action: string, count: number): Promise<Entry[]> => {
  let found: Entry[] = []
  await expect
    .poll(async () => {
      found = (await api.call('GET', `/api/v1/audit-log?action=${action}&maxResults=1000`)).body.items
      return found.length
    })
    .toBe(count)
  return found
}
const ours = { 'x-chandler-console': '1', 'sec-fetch-site': 'same-origin' }
const session = (userName: string, password: string) =>
  fetch(`${api.url}/api/v1/session`, {
    method: 'POST',
    headers: { ...ours, 'content-type': 'application/json' },
    body: JSON.stringify({ userName, password }),
  })

test('failed sign-ins are logged; a text that is not a user name is not written: it may be a password', async () => {
  await session('admin', 'a wrong password')
  await session('hunter2-typed-as-name', 'x')
  const found = await entries('SignInFailed', 2)
  expect(found).toMatchObject([
    { actor: '-', resource: 'user', source: '127.0.0.1' },
    { actor: 'admin', resource: 'user/admin', source: '127.0.0.1' },
  ])
  expect(JSON.stringify(found)).not.toMatch(/hunter2|wrong password/)
})

test('sign-outs are logged', async () => {
  await api.call('PUT', '/api/v1/users/admin/password', { password: 'four unrelated garden words' })
  const [set] = (await session('admin', 'four unrelated garden words')).headers.getSetCookie()
  const cookie = set?.split(';')[0] ?? ''
  await fetch(`${api.url}/api/v1/session`, { method: 'DELETE', headers: { ...ours, cookie } })
  expect(await entries('SignOut', 1)).toMatchObject([{ actor: 'admin', resource: 'user/admin' }])
})

test('refused requests have the user, the key, the action and the resource', async () => {
  const eve = await makeUser(api, 'eve')
  await api.call('DELETE', '/api/v1/extensions/demo', undefined, eve)
  expect(await entries('RequestRefused', 1)).toMatchObject([
    {
      actor: 'eve',
      accessKeyId: expect.stringMatching(/^ak-/),
      resource: 'acs:oos:default:default:template/demo',
      detail: { code: 'AccessDenied', action: 'oos:DeleteTemplate', request: 'DELETE /api/v1/extensions/:name' },
    },
  ])
  await api.call('DELETE', '/api/v1/users/eve?force=true')
})

test('wrong keys and wrong join tokens are logged: a known key by its id, an unknown one without', async () => {
  await api.call('GET', '/api/v1/whoami', undefined, basic({ ...admin, secret: 'guess' }))
  await api.call('GET', '/api/v1/whoami', undefined, basic({ id: 'a-secret-as-id', secret: 'guess' }))
  await api.call('POST', '/agent/v1/enrol', makeEnrolment('ct_wrong'), null)
  const found = await entries('AuthenticationFailed', 2)
  expect(found).toMatchObject([
    { actor: '-', resource: 'access-key' },
    { actor: 'admin', accessKeyId: admin.id, resource: `access-key/${admin.id}` },
  ])
  expect(JSON.stringify(found)).not.toMatch(/a-secret-as-id|guess/)
  expect(await entries('EnrolmentRefused', 1)).toMatchObject([{ detail: { code: 'JoinTokenInvalid' } }])
})

test('an attacker cannot fill it: per address, the first of a minute are written, the others counted', async () => {
  const eve = await makeUser(api, 'eve')
  for (let tried = 0; tried < 60; tried++) await api.call('GET', '/api/v1/instances', undefined, eve)
  await entries('RequestRefused', 10)
  await api.clock.advance(60_000)
  const found = await entries('RequestRefused', 11)
  expect(found.filter(({ detail }) => (detail as Entry).more !== undefined)).toMatchObject([
    { source: '127.0.0.1', detail: { more: 50 } },
  ])
  await api.call('GET', '/api/v1/instances', undefined, eve)
  await entries('RequestRefused', 12)
  await api.call('DELETE', '/api/v1/users/eve?force=true')
})

test('changes have the key, and can be filtered by it', async () => {
  await api.call('POST', '/api/v1/buckets', { name: 'by-key' })
  expect(await entries('CreateBucket', 1)).toMatchObject([{ actor: 'admin', accessKeyId: admin.id }])
  const { body } = await api.call('GET', `/api/v1/audit-log?action=CreateBucket&accessKeyId=another`)
  expect(body.items).toEqual([])
})

test('a deleted execution leaves its targets and the digest of its command behind', async () => {
  const { token } = (await api.call('POST', '/api/v1/join-tokens', { uses: 3 })).body
  const ids: string[] = []
  for (const name of ['one', 'two']) {
    const { body } = await api.call('POST', '/agent/v1/enrol', makeEnrolment(token, { name }), null)
    ids.push(body.instanceId)
  }
  const content = 'rm -rf /var/lib/demo'
  const { body } = await api.call('POST', '/api/v1/executions', {
    operation: { kind: 'command', type: 'RunShellScript', content },
    targets: { kind: 'ids', ids },
  })
  expect(body.id).toBeDefined()
  // The rows that the dispatcher leaves, which does not run here.
  await db.pool.query(`update executions set status = 'Cancelled', ended_at = now() where id = $1`, [body.id])
  expect((await api.call('DELETE', `/api/v1/executions/${body.id}`)).status).toBe(204)
  const [started] = await entries('StartExecution', 1)
  expect(started).toMatchObject({
    resource: `execution/${body.id}`,
    detail: { targets: 2, commandSha256: sha256Of(content), commandBytes: content.length },
  })
  expect(((started as Entry)['detail'] as { targetIds: string[] }).targetIds.toSorted()).toEqual(ids.toSorted())
})
