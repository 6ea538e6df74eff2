import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '../../../src/client/client.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi
let client: ReturnType<typeof createClient>
beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
  client = createClient({ server: api.url, accessKeyId: admin.id, accessKeySecret: admin.secret })
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

const lint = async (body: object) => (await client.extensions.lint(body)).problems
const fine = { os: 'linux', scripts: { install: '#!/bin/sh\ntrue\n' } }

test('valid input has no problems, and nothing is created', async () => {
  expect(await lint({ name: 'demo', configurations: [fine] })).toEqual([])
  expect(await lint({ configurations: [fine] })).toEqual([])
  expect((await client.extensions.list()).items).toEqual([])
})

test.each<[string, object, object[]]>([
  ['a name', { name: 'a b', configurations: [fine] }, [{ path: ['name'], severity: 'error' }]],
  ['no configuration', { name: 'demo' }, [{ path: ['configurations'], severity: 'error' }]],
  [
    'a field that nobody knows',
    { configurations: [{ ...fine, colour: 'red' }] },
    [{ path: ['configurations', 0, 'colour'], message: 'is not a known field' }],
  ],
  [
    'a version range, a declaration, and two that fit alike',
    {
      scope: { platforms: [{ id: 'debian', versions: '>>1' }] },
      parameters: { port: { type: 'Number', default: 'x' } },
      configurations: [fine, fine],
    },
    [
      { path: ['scope', 'platforms', 0, 'versions'] },
      { path: ['parameters', 'port', 'default'] },
      { path: ['configurations', 1], message: expect.stringContaining('with the same priority') },
    ],
  ],
  [
    'a script, with line and column, while the rest is not there yet',
    { name: '', configurations: [{ os: 'linux', scripts: { install: '#!/bin/sh\necho\r\n' } }, 7] },
    [
      { path: ['configurations', 0, 'scripts', 'install'], severity: 'error', line: 2, column: 5 },
      { path: ['configurations', 1] },
      { path: ['name'] },
    ],
  ],
  [
    'a warning, which does not stand in the way',
    { configurations: [{ os: 'linux', scripts: { install: 'true' } }] },
    [{ path: ['configurations', 0, 'scripts', 'install'], severity: 'warning', line: 1 }],
  ],
])('%s', async (_, body, expected) => {
  const problems = await lint(body)
  expect(problems).toHaveLength(expected.length)
  expect(problems).toMatchObject(expected)
})

test('a body that is not an object is refused', async () => {
  expect((await api.call('POST', '/api/v1/extensions/lint', '[]')).status).toBe(400)
  expect((await api.call('POST', '/api/v1/extensions/lint', {}, null)).status).toBe(401)
})

test('coverage: the number of instances of each version, and of all', async () => {
  await client.extensions.create({
    name: 'demo',
    type: 'Application',
    description: '',
    versionDescription: '',
    scope: {},
    parameters: {},
    configurations: [
      {
        os: 'linux',
        arch: 'any',
        scripts: { install: 'true' },
        verify: [],
        run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' },
      },
    ],
  })
  const { body: token } = await api.call('POST', '/api/v1/join-tokens', {
    uses: 'unlimited',
    allowedTags: ['env', 'tier', 'rack'],
  })
  for (const name of ['a', 'b', 'c', 'd'])
    await api.call('POST', '/agent/v1/enrol', makeEnrolment(token.token, { name }), null)
  expect(await client.extensions.getCoverage('demo')).toEqual({ versions: [], instances: 4 })
  await db.pool.query(
    `insert into installed_states (instance_id, extension_id, account_id, status, version, configuration_id, parameters_digest, execution_id)
     select i.id, e.id, 'default', s.status, s.version, 'c1', '', 'exec-1'
     from extensions e cross join (values ('a', 'installed', 1), ('b', 'installed', 2), ('c', 'broken', 2)) as s (name, status, version)
     join instances i on i.name = s.name`,
  )
  expect(await client.extensions.getCoverage('demo')).toEqual({
    versions: [
      { version: 'v2', installed: 1, broken: 1 },
      { version: 'v1', installed: 1, broken: 0 },
    ],
    instances: 4,
  })
  const { body: asks } = await api.call('POST', '/api/v1/join-tokens', { approve: true })
  await api.call('POST', '/agent/v1/enrol', makeEnrolment(asks.token, { name: 'e' }), null)
  expect(await client.extensions.getCoverage('demo')).toMatchObject({ instances: 4 })
  await expect(client.extensions.getCoverage('none')).rejects.toMatchObject({ code: 'ExtensionNotFound' })
})
