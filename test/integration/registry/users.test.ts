/** Permissions of users, from outside: through the native API, with their own keys. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256Of } from '../../../src/lib/digest.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { allow, deny, documentOf, makeUser, succeed } from './access-users.ts'
import { listRows } from './list-rows.ts'
import { admin, basic, makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi
let instanceId: string

beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
  const { token } = await succeed(api, 'POST', '/api/v1/join-tokens', {})
  instanceId = (await succeed(api, 'POST', '/agent/v1/enrol', makeEnrolment(token))).instanceId
  for (const name of ['web-a', 'web-b', 'db-a'])
    await succeed(api, 'POST', '/api/v1/extensions', {
      name,
      configurations: [{ os: 'linux', scripts: { install: 'true' } }],
    })
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

const as = (authorization: string) => (method: string, path: string, body?: unknown) =>
  api.call(method, path, body, authorization)

/** Asserts that an answer is a refusal, and that nothing has changed. Returns the answer. */
async function expectRefusal(ask: () => ReturnType<TestApi['call']>) {
  const before = await listRows(db)
  const { status, body } = await ask()
  expect([status, body.code]).toEqual([403, 'AccessDenied'])
  expect(await listRows(db)).toEqual(before)
  return body
}

const start = (extension: string, more: object = {}) => ({
  action: 'install',
  extension,
  targets: { kind: 'ids', ids: [instanceId] },
  ...more,
})
const startMany = (...extensions: string[]) => ({
  operation: { kind: 'extensions', action: 'install', extensions: extensions.map((extension) => ({ extension })) },
  targets: { kind: 'all' },
})

describe('a refusal', () => {
  test('has the actor, action, resource and reason', async () => {
    const bare = as(await makeUser(api, 'bare'))
    const { detail, next } = await expectRefusal(() => bare('GET', '/api/v1/extensions/web-a'))
    expect(detail).toBe(
      'user bare is not allowed to perform oos:GetTemplate on acs:oos:default:default:template/web-a: none of its policies allows it.',
    )
    expect(next).toContain('docs/access.md')
    expect((await bare('GET', '/api/v1/whoami')).body).toEqual({
      accountId: 'default',
      userName: 'bare',
      region: 'default',
      administrator: false,
      policies: [],
    })
  })

  test('names the deny statement, which overrides the other policies', async () => {
    const key = await makeUser(api, 'denied', allow('oos:*'), deny('oos:GetTemplate', 'acs:oos:*:*:template/db-*'))
    await succeed(api, 'PUT', '/api/v1/users/denied/policies/AdministratorAccess')
    const denied = as(key)
    expect((await denied('GET', '/api/v1/extensions/web-a')).status).toBe(200)
    expect((await denied('GET', '/api/v1/users')).status).toBe(200)
    const { detail } = await expectRefusal(() => denied('GET', '/api/v1/extensions/db-a'))
    expect(detail).toContain('statement 2 of policy denied-policy denies it')
  })
})

describe('a user who may start some extensions', () => {
  let operator: ReturnType<typeof as>
  beforeAll(async () => {
    operator = as(
      await makeUser(
        api,
        'operator',
        allow('oos:StartExecution', ['acs:oos:*:*:template/web-*', 'acs:oos:*:*:instance/*']),
      ),
    )
  })

  test('starts these, alone and together', async () => {
    expect((await operator('POST', '/api/v1/executions', start('web-a'))).status).toBe(201)
    expect((await operator('POST', '/api/v1/executions', startMany('web-b', 'web-a'))).status).toBe(201)
  })

  test('starts no other, whatever the form of the request', async () => {
    const command = { kind: 'command', content: 'true' }
    const packages = { kind: 'osPackage', action: 'install', names: ['curl'] }
    const ways = [
      start('db-a'),
      start('db-a', { action: 'uninstall' }),
      { operation: { kind: 'extension', action: 'install', extension: 'db-a' }, targets: { kind: 'all' } },
      startMany('web-a', 'db-a'),
      startMany('db-a', 'web-a'),
      start('nothing'),
      { operation: command, targets: { kind: 'all' } },
      { operation: packages, targets: { kind: 'all' } },
    ]
    for (const way of ways) await expectRefusal(() => operator('POST', '/api/v1/executions', way))
  })

  test("cannot find another's execution by its client token", async () => {
    await succeed(api, 'POST', '/api/v1/executions', start('db-a', { clientToken: 'of-the-admin' }))
    await expectRefusal(() => operator('POST', '/api/v1/executions', start('db-a', { clientToken: 'of-the-admin' })))
  })

  test('retries no other: a retry needs both permissions', async () => {
    const { id } = await succeed(api, 'POST', '/api/v1/executions', start('db-a'))
    await db.pool.query(`update executions set status = 'Failed' where id = $1`, [id])
    await db.pool.query(`update task_executions set status = 'Failed' where execution_id = $1`, [id])
    await expectRefusal(() => operator('POST', `/api/v1/executions/${id}/retry`))
    const notifier = as(
      await makeUser(
        api,
        'notifier',
        allow('oos:NotifyExecution'),
        allow('oos:StartExecution', ['acs:oos:*:*:template/web-*', 'acs:oos:*:*:instance/*']),
      ),
    )
    const { detail } = await expectRefusal(() => notifier('POST', `/api/v1/executions/${id}/retry`))
    expect(detail).toContain('oos:StartExecution on acs:oos:default:default:template/db-a:')
  })

  test('commands also need permissions on instances', async () => {
    const command = { operation: { kind: 'command', content: 'true' }, targets: { kind: 'all' } }
    const template = allow('oos:StartExecution', 'acs:oos:*:*:template/ACS-ECS-BulkyRunCommand')
    const half = as(await makeUser(api, 'half', template))
    expect((await expectRefusal(() => half('POST', '/api/v1/executions', command))).detail).toContain('ecs:RunCommand')
    const whole = as(await makeUser(api, 'whole', template, allow('ecs:RunCommand')))
    expect((await whole('POST', '/api/v1/executions', command)).status).toBe(201)
  })
})

describe('a change takes effect at once', () => {
  const list = (authorization: string) => as(authorization)('GET', '/api/v1/extensions')

  test('of a policy, of attachments, and of a deleted policy', async () => {
    const key = await makeUser(api, 'changing', allow('oos:ListTemplates'))
    const policy = '/api/v1/policies/changing-policy'
    expect((await list(key)).status).toBe(200)
    await succeed(api, 'PUT', policy, { document: documentOf(allow('ecs:*')) })
    expect((await list(key)).status).toBe(403)
    await succeed(api, 'PUT', '/api/v1/users/changing/policies/AliyunOOSReadOnlyAccess')
    expect((await list(key)).status).toBe(200)
    await succeed(api, 'DELETE', '/api/v1/users/changing/policies/AliyunOOSReadOnlyAccess')
    expect((await list(key)).status).toBe(403)
    await succeed(api, 'PUT', policy, { document: documentOf(allow('oos:*')) })
    expect((await list(key)).status).toBe(200)
    await succeed(api, 'DELETE', `${policy}?force=true`)
    expect((await list(key)).status).toBe(403)
  })

  test('of a key, and of its user', async () => {
    const key = await makeUser(api, 'leaving', allow('oos:ListTemplates'))
    const [id = ''] = Buffer.from(key.slice('Basic '.length), 'base64').toString().split(':')
    await succeed(api, 'POST', `/api/v1/access-keys/${id}/disable`)
    expect((await list(key)).body.code).toBe('AccessKeyDisabled')
    await succeed(api, 'POST', `/api/v1/access-keys/${id}/enable`)
    expect((await list(key)).status).toBe(200)
    await succeed(api, 'DELETE', '/api/v1/users/leaving?force=true')
    expect((await list(key)).body.code).toBe('AccessKeyInvalid')
    // A later user with the same name gets none of it.
    expect((await list(await makeUser(api, 'leaving'))).status).toBe(403)
  })

  test('on other servers within 5 s', async () => {
    const key = await makeUser(api, 'elsewhere', allow('oos:ListTemplates'))
    const other = await startTestApi(db.database)
    const there = () => other.call('GET', '/api/v1/extensions', undefined, key)
    expect((await there()).status).toBe(200)
    await succeed(api, 'DELETE', '/api/v1/users/elsewhere/policies/elsewhere-policy')
    await other.clock.advance(5_000)
    expect((await there()).status).toBe(403)
    await other.close()
  })

  test('conditions are checked against the request as it arrived', async () => {
    const from = (range: string) => ({
      ...allow('oos:ListTemplates'),
      Condition: { IpAddress: { 'acs:SourceIp': range } },
    })
    expect((await list(await makeUser(api, 'near', from('127.0.0.0/8')))).status).toBe(200)
    expect((await list(await makeUser(api, 'far', from('10.0.0.0/8')))).status).toBe(403)
    const byTls = { ...allow('oos:ListTemplates'), Condition: { Bool: { 'acs:SecureTransport': true } } }
    expect((await list(await makeUser(api, 'by-tls', byTls))).status).toBe(403)
    const before2027 = { DateLessThan: { 'acs:CurrentTime': '2026-01-01T00:00:01Z' } }
    const late = await makeUser(api, 'late', { ...allow('oos:ListTemplates'), Condition: before2027 })
    expect((await list(late)).status).toBe(200)
    await api.clock.advance(1_000)
    expect((await list(late)).status).toBe(403)
  })
})

describe('a user who may not', () => {
  test('create keys for others can only create their own', async () => {
    const own = as(await makeUser(api, 'own', allow('ram:CreateAccessKey', 'acs:ram:*:*:user/own')))
    expect((await own('POST', '/api/v1/access-keys', {})).body).toMatchObject({ userName: 'own' })
    for (const userName of ['admin', 'operator'])
      await expectRefusal(() => own('POST', '/api/v1/access-keys', { userName }))
  })

  test('attach some policies attaches the others', async () => {
    const attach = allow('ram:AttachPolicyToUser', ['acs:ram:*:*:user/*', 'acs:ram:*:*:policy/AliyunOOSReadOnlyAccess'])
    const helper = as(await makeUser(api, 'helper', attach))
    expect((await helper('PUT', '/api/v1/users/helper/policies/AliyunOOSReadOnlyAccess')).status).toBe(204)
    await expectRefusal(() => helper('PUT', '/api/v1/users/helper/policies/AdministratorAccess'))
  })

  test('pass a role assigns it neither to an instance nor to joining ones', async () => {
    await succeed(api, 'POST', '/api/v1/roles', { name: 'strong' })
    await succeed(api, 'POST', '/api/v1/roles', { name: 'weak' })
    const passing = as(
      await makeUser(
        api,
        'passing',
        allow(['ecs:AttachInstanceRamRole', 'chandler:CreateJoinToken']),
        allow('ram:PassRole', 'acs:ram:*:*:role/weak'),
      ),
    )
    const setRole = (role: string) => passing('PUT', `/api/v1/instances/${instanceId}/role`, { role })
    for (const role of ['strong', 'ExtensionInstance', 'nothing']) await expectRefusal(() => setRole(role))
    expect((await setRole('weak')).status).toBeLessThan(300)
    expect((await api.call('GET', `/api/v1/instances/${instanceId}`)).body).toMatchObject({ role: 'weak' })
    for (const role of ['strong', 'nothing'])
      await expectRefusal(() => passing('POST', '/api/v1/join-tokens', { role }))
    const { status, body } = await passing('POST', '/api/v1/join-tokens', { role: 'weak' })
    expect(status).toBe(201)
    const enrolment = makeEnrolment(body.token, { name: 'web-2' })
    const joined = await succeed(api, 'POST', '/agent/v1/enrol', enrolment)
    expect((await api.call('GET', `/api/v1/instances/${joined.instanceId}`)).body).toMatchObject({ role: 'weak' })
  })

  test('read an artifact cannot read it by another name', async () => {
    for (const name of ['secret', 'mine']) await succeed(api, 'POST', '/api/v1/buckets', { name })
    const put = await fetch(`${api.url}/api/v1/artifacts`, {
      method: 'PUT',
      body: 'the secret package',
      headers: { authorization: basic(admin) },
    })
    expect(put.status).toBe(200)
    const digest = sha256Of('the secret package')
    const mine = as(await makeUser(api, 'mine', allow('oss:*', 'acs:oss:*:*:mine/*')))
    const { detail } = await expectRefusal(() => mine('PUT', `/api/v1/buckets/mine/objects/x.bin?artifact=${digest}`))
    expect(detail).toContain(`oss:GetObject on acs:oss:*:default:chandler-artifacts/${digest}/x.bin:`)
    // A key that looks like another bucket's still belongs to its own bucket.
    await expectRefusal(() => mine('GET', '/api/v1/buckets/secret/objects/a:mine/x.bin'))
  })
})

describe('a service account', () => {
  const dayMs = 86_400_000

  test('has keys that expire, and no password', async () => {
    expect(await succeed(api, 'POST', '/api/v1/users', { name: 'robot', service: true })).toMatchObject({
      service: true,
      policies: [],
    })
    const create = (ttlMs?: number) =>
      api.call('POST', '/api/v1/access-keys', { userName: 'robot', ...(ttlMs !== undefined && { ttlMs }) })
    const { body: key } = await create()
    expect(Date.parse(key.expiresAt as string)).toBe(api.clock.now() + 90 * dayMs)
    expect((await create(400 * dayMs)).body.code).toBe('ServiceKeyTooLong')
    expect((await create(366 * dayMs)).status).toBe(201)
    const asRobot = as(basic({ id: key.id as string, secret: key.secret as string }))
    expect((await asRobot('GET', '/api/v1/whoami')).body.userName).toBe('robot')
    await api.clock.advance(90 * dayMs)
    expect((await asRobot('GET', '/api/v1/whoami')).body.code).toBe('AccessKeyExpired')
    const password = 'four unrelated garden words'
    expect((await api.call('PUT', '/api/v1/users/robot/password', { password })).body.code).toBe(
      'ServiceAccountPassword',
    )
    const signIn = await api.call('POST', '/api/v1/session-tokens', { userName: 'robot', password }, null)
    expect(signIn.body.code).toBe('SignInFailed')
  })

  test('is a user: roles have none, and other users keep keys without an end', async () => {
    expect((await api.call('POST', '/api/v1/roles', { name: 'robots', service: true })).status).toBe(400)
    await succeed(api, 'POST', '/api/v1/users', { name: 'plain' })
    expect((await api.call('GET', '/api/v1/users/plain')).body.service).toBe(false)
    const { body } = await api.call('POST', '/api/v1/access-keys', { userName: 'plain' })
    expect(body.expiresAt).toBeUndefined()
  })
})
