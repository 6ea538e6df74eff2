/** Creating, listing, changing and deleting users, roles and policies. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { allow, documentOf, makeUser, succeed } from './access-users.ts'
import { listRows } from './list-rows.ts'
import { makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi

beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

/**
 * Asserts that the answer is a refusal with this code, and that nothing has changed. Returns the
 * answer.
 */
async function expectNo(expected: string, method: string, path: string, body?: unknown) {
  const before = await listRows(db)
  const answer = await api.call(method, path, body)
  expect(`${answer.status} ${answer.body.code}`).toBe(expected)
  expect(await listRows(db)).toEqual(before)
  return answer.body
}

const document = documentOf(allow('oos:GetTemplate'))
const makePolicy = (name: string) => succeed(api, 'POST', '/api/v1/policies', { name, document })
const audited = async () => (await api.call('GET', '/api/v1/audit-log?maxResults=100')).body.items

describe.each(['user', 'role'] as const)('a %s', (kind) => {
  const path = `/api/v1/${kind}s`
  const word = kind === 'user' ? 'User' : 'Role'

  test('is created, shown, given a policy once, and deleted without it', async () => {
    const made = await succeed(api, 'POST', path, { name: 'Web.1', description: 'of the web' })
    const view = { name: 'Web.1', description: 'of the web', builtIn: false, policies: [] }
    expect(made).toMatchObject(view)
    await makePolicy(`${kind}-web`)
    for (let time = 1; time <= 2; time++) await succeed(api, 'PUT', `${path}/Web.1/policies/${kind}-web`)
    expect((await api.call('GET', `${path}/Web.1`)).body).toMatchObject({ ...view, policies: [`${kind}-web`] })
    const policy = await api.call('GET', `/api/v1/policies/${kind}-web`)
    expect(policy.body).toMatchObject({ document, builtIn: false, attachedTo: [{ kind, name: 'Web.1' }] })
    await succeed(api, 'DELETE', `${path}/Web.1/policies/${kind}-web`)
    await succeed(api, 'DELETE', `${path}/Web.1`)
    await expectNo(`404 ${word}NotFound`, 'GET', `${path}/Web.1`)
    const actions = (await audited())
      .filter(({ resource }: { resource: string }) => resource === `${kind}/Web.1`)
      .map(({ action }: { action: string }) => action)
    const [to, from] = [`AttachPolicyTo${word}`, `DetachPolicyFrom${word}`]
    expect(actions).toEqual([`Delete${word}`, from, to, `Create${word}`])
  })

  test('has a unique name, of few characters', async () => {
    await succeed(api, 'POST', path, { name: 'twice' })
    await expectNo(`409 ${word}NameTaken`, 'POST', path, { name: 'twice' })
    for (const name of ['', '-a', '.a', 'a b', 'a/b', 'ä', 'a'.repeat(65)])
      await expectNo('400 RequestInvalid', 'POST', path, { name })
  })

  test('and a policy that do not exist, or are not attached', async () => {
    await succeed(api, 'POST', path, { name: 'alone' })
    await makePolicy(`${kind}-unused`)
    await expectNo(`404 ${word}NotFound`, 'PUT', `${path}/nobody/policies/${kind}-unused`)
    await expectNo('404 PolicyNotFound', 'PUT', `${path}/alone/policies/nothing`)
    await expectNo('404 PolicyNotAttached', 'DELETE', `${path}/alone/policies/${kind}-unused`)
    await expectNo(`404 ${word}NotFound`, 'DELETE', `${path}/nobody`)
  })
})

describe('resources in use can only be deleted by force:', () => {
  test('a user, whose keys end with it', async () => {
    await makeUser(api, 'busy', allow('oos:*'))
    const { detail } = await expectNo('409 UserInUse', 'DELETE', '/api/v1/users/busy')
    expect(detail).toContain('it has the policy busy-policy, and 1 of its access keys is enabled')
    await succeed(api, 'DELETE', '/api/v1/users/busy?force=true')
    const { rows } = await db.pool.query(`select * from access_keys where user_name = 'busy'`)
    expect(rows).toEqual([])
    expect((await api.call('GET', '/api/v1/policies/busy-policy')).body.attachedTo).toEqual([])
  })

  test('a role, whose instances receive nothing then', async () => {
    await succeed(api, 'POST', '/api/v1/roles', { name: 'used' })
    const { token } = await succeed(api, 'POST', '/api/v1/join-tokens', { role: 'used' })
    const { instanceId } = await succeed(api, 'POST', '/agent/v1/enrol', makeEnrolment(token))
    const { detail } = await expectNo('409 RoleInUse', 'DELETE', '/api/v1/roles/used')
    expect(detail).toContain('instances with the role: 1, join tokens with the role: 1')
    await succeed(api, 'DELETE', '/api/v1/roles/used?force=true')
    expect((await api.call('GET', `/api/v1/instances/${instanceId}`)).body.role).toBe('used')
    await expectNo('404 RoleNotFound', 'POST', '/api/v1/join-tokens', { role: 'used' })
    await expectNo('404 RoleNotFound', 'PUT', `/api/v1/instances/${instanceId}/role`, { role: 'used' })
  })

  test('a policy, which is detached from all principals', async () => {
    await makePolicy('shared')
    for (const path of ['/api/v1/users', '/api/v1/roles']) {
      await succeed(api, 'POST', path, { name: 'holder' })
      await succeed(api, 'PUT', `${path}/holder/policies/shared`)
    }
    const { detail } = await expectNo('409 PolicyInUse', 'DELETE', '/api/v1/policies/shared')
    expect(detail).toContain('user holder')
    expect(detail).toContain('role holder')
    await succeed(api, 'DELETE', '/api/v1/policies/shared?force=true')
    for (const path of ['/api/v1/users', '/api/v1/roles'])
      expect((await api.call('GET', `${path}/holder`)).body.policies).toEqual([])
    // A later resource with the same name has no attachments.
    await makePolicy('shared')
    expect((await api.call('GET', '/api/v1/policies/shared')).body.attachedTo).toEqual([])
  })
})

describe('built-in resources cannot be changed:', () => {
  const builtIn = ['AdministratorAccess', 'AliyunOOSFullAccess', 'AliyunOOSReadOnlyAccess', 'InstallExtensions']

  test.each(builtIn)('the policy %s', async (name) => {
    expect((await api.call('GET', `/api/v1/policies/${name}`)).body).toMatchObject({ name, builtIn: true })
    await expectNo('409 BuiltInUnchangeable', 'PUT', `/api/v1/policies/${name}`, { document })
    await expectNo('409 BuiltInUnchangeable', 'DELETE', `/api/v1/policies/${name}?force=true`)
    await expectNo('409 PolicyNameTaken', 'POST', '/api/v1/policies', { name, document })
  })

  test('the administrator', async () => {
    const admin = { name: 'admin', builtIn: true, policies: ['AdministratorAccess'] }
    expect((await api.call('GET', '/api/v1/users/admin')).body).toMatchObject(admin)
    await expectNo('409 BuiltInUnchangeable', 'DELETE', '/api/v1/users/admin?force=true')
    await expectNo('409 BuiltInUnchangeable', 'DELETE', '/api/v1/users/admin/policies/AdministratorAccess')
    await expectNo('409 BuiltInUnchangeable', 'PUT', '/api/v1/users/admin/policies/InstallExtensions')
    await expectNo('409 UserNameTaken', 'POST', '/api/v1/users', { name: 'admin' })
  })

  test('the role of instances', async () => {
    const role = { name: 'ExtensionInstance', builtIn: true, policies: ['InstallExtensions'] }
    expect((await api.call('GET', '/api/v1/roles/ExtensionInstance')).body).toMatchObject(role)
    await expectNo('409 BuiltInUnchangeable', 'DELETE', '/api/v1/roles/ExtensionInstance?force=true')
    await expectNo('409 BuiltInUnchangeable', 'PUT', '/api/v1/roles/ExtensionInstance/policies/AdministratorAccess')
    await expectNo('409 BuiltInUnchangeable', 'DELETE', '/api/v1/roles/ExtensionInstance/policies/InstallExtensions')
    await expectNo('409 RoleNameTaken', 'POST', '/api/v1/roles', { name: 'ExtensionInstance' })
  })
})

test('an invalid document is refused, and each problem has its place', async () => {
  const wrong = {
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: 'oos:*' },
      { ...allow('ecs'), Principal: '*' },
    ],
  }
  const said = [
    'Statement[1].Resource is missing',
    expect.stringMatching(/^Statement\[2\]\.Principal is not supported/),
    expect.stringMatching(/^Statement\[2]: "ecs" is not an action/),
  ]
  await makePolicy('right')
  for (const [method, path, body] of [
    ['POST', '/api/v1/policies', { name: 'wrong', document: wrong }],
    ['PUT', '/api/v1/policies/right', { document: wrong }],
  ] as const) {
    const { problems, detail } = await expectNo('400 PolicyInvalid', method, path, body)
    expect(problems).toEqual(said.map((message) => ({ path: 'document', message })))
    expect(detail).toContain('Statement[1].Resource is missing; Statement[2]')
  }
  await expectNo('404 PolicyNotFound', 'PUT', '/api/v1/policies/nothing', { document })
})

test('a document is returned as written, and a description stays', async () => {
  const written = { Statement: { Resource: ['*'], Action: 'oos:*', Effect: 'Deny', Condition: {} }, Version: '1' }
  await succeed(api, 'POST', '/api/v1/policies', { name: 'written', description: 'by hand', document })
  const changed = await succeed(api, 'PUT', '/api/v1/policies/written', { document: written })
  expect(JSON.stringify(changed.document)).toBe(JSON.stringify(written))
  expect(changed.description).toBe('by hand')
})

test.each(['users', 'roles', 'policies'])('%s are listed in pages, in the order of letters', async (kind) => {
  // Capitals sort before small letters: built-in ones are sorted among the others.
  for (const name of ['Zed', 'a', 'B', 'Aa', 'z-1'])
    await succeed(api, 'POST', `/api/v1/${kind}`, { name, ...(kind === 'policies' && { document }) })
  const { items } = (await api.call('GET', `/api/v1/${kind}?maxResults=100`)).body
  const names = items.map(({ name }: { name: string }) => name)
  expect(names).toEqual(names.toSorted())
  expect(new Set(names).size).toBe(names.length)
  const paged: string[] = []
  for (let token = ''; ; ) {
    const { body } = await api.call('GET', `/api/v1/${kind}?maxResults=2${token && `&nextToken=${token}`}`)
    paged.push(...body.items.map(({ name }: { name: string }) => name))
    if (body.nextToken === undefined || body.nextToken === null) break
    token = body.nextToken
  }
  expect(paged).toEqual(names)
})
