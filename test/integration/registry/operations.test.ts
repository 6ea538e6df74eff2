/** The operations that the API accepts, and how it shows them. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi

beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
  const { body: token } = await api.call('POST', '/api/v1/join-tokens', {})
  await api.call('POST', '/agent/v1/enrol', makeEnrolment(token.token), null)
  await api.call('POST', '/api/v1/extensions', {
    name: 'demo',
    configurations: [{ os: 'linux', scripts: { install: 'true' } }],
  })
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

const ask = (path: 'plans' | 'executions', asked: object) =>
  api.call('POST', `/api/v1/${path}`, { targets: { kind: 'all' }, ...asked })

test('an extension is requested with or without an operation around it, and shown the same', async () => {
  const operation = { kind: 'extension', action: 'install', extension: 'demo' }
  const { kind: _, ...bare } = operation
  for (const asked of [{ operation }, bare]) {
    const { status, body } = await ask('executions', asked)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      action: 'install',
      extension: 'demo',
      version: 'v1',
      operation: { ...operation, version: 'v1' },
    })
  }
})

test('a command is planned and started, and its values are never shown', async () => {
  const operation = {
    kind: 'command',
    content: 'echo "$CHANDLER_PARAM_token"',
    parameters: { token: 's3cret' },
    noEcho: ['token'],
  }
  const plan = await ask('plans', { operation })
  expect(plan.body).toMatchObject({
    action: 'run',
    counts: { run: 1 },
    targets: [{ step: 'run', reasonCode: 'Planned', reason: 'runs the script' }],
  })
  const { status, body } = await ask('executions', { operation })
  expect(status).toBe(201)
  expect(body).toMatchObject({
    action: 'run',
    operation: { kind: 'command', type: 'RunShellScript', timeoutMs: 60_000 },
  })
  expect(body.extension).toBeUndefined()
  const one = await api.call('GET', `/api/v1/executions/${body.id}`)
  expect(one.body.operation.content).toBe(operation.content)
  const listed = await api.call('GET', `/api/v1/executions?maxResults=1`)
  expect(listed.body.items[0]).toMatchObject({ id: body.id })
  expect(listed.body.items[0].operation.content).toBeUndefined()
  const tasks = await api.call('GET', `/api/v1/executions/${body.id}/tasks`)
  expect(JSON.stringify([plan.body, body, listed.body, tasks.body])).not.toContain('s3cret')
})

test('OS packages are planned and started', async () => {
  const { status, body } = await ask('executions', {
    operation: { kind: 'osPackage', action: 'install', names: ['curl'] },
  })
  expect(status).toBe(201)
  const operation = { kind: 'osPackage', action: 'install', installer: 'auto', names: ['curl'], timeoutMs: 900_000 }
  expect(body).toMatchObject({ action: 'install', operation })
})

test.each([
  { kind: 'extension', action: 'uninstall', extension: 'demo', autoremove: true },
  { kind: 'extensions', action: 'uninstall', extensions: [{ extension: 'demo' }], autoremove: true },
  { kind: 'osPackage', action: 'uninstall', names: ['curl'], autoremove: true },
])('autoremove of $kind is kept and shown', async (operation) => {
  const { status, body } = await ask('executions', { operation })
  expect(status, JSON.stringify(body)).toBe(201)
  expect(body.operation).toMatchObject(operation)
})

test('several extensions are planned and started, and every part is shown', async () => {
  await api.call('POST', '/api/v1/extensions', {
    name: 'more',
    configurations: [{ os: 'linux', scripts: { install: 'true' } }],
  })
  const operation = {
    kind: 'extensions',
    action: 'install',
    extensions: [{ extension: 'more' }, { extension: 'demo' }],
  }
  const plan = await ask('plans', { operation })
  const parts = [
    { extension: 'more', step: 'install', toVersion: 'v1' },
    { extension: 'demo', step: 'install', toVersion: 'v1' },
  ]
  expect(plan.body).toMatchObject({ action: 'install', counts: { install: 1 }, targets: [{ step: 'install', parts }] })
  const { status, body } = await ask('executions', { operation })
  expect(status).toBe(201)
  expect(body.operation).toEqual({
    kind: 'extensions',
    action: 'install',
    extensions: [
      { extension: 'more', version: 'v1' },
      { extension: 'demo', version: 'v1' },
    ],
  })
  const tasks = await api.call('GET', `/api/v1/executions/${body.id}/tasks`)
  expect(tasks.body.items).toMatchObject([{ part: 1, parts }])
})

test.each([
  ['neither', {}, 'action: is required without operation'],
  [
    'both',
    { extension: 'demo', operation: { kind: 'command', content: 'true' } },
    'extension: must be set in operation',
  ],
  ['half', { action: 'install' }, 'extension: is required without operation'],
  ['an unknown kind', { operation: { kind: 'reboot' } }, 'operation.kind'],
  ['no name of a package', { operation: { kind: 'osPackage', action: 'install', names: ['a;b'] } }, 'names'],
  [
    'autoremove for an installation',
    { action: 'install', extension: 'demo', autoremove: true },
    'autoremove is an option of uninstall only',
  ],
  [
    'autoremove for an update of several extensions',
    { operation: { kind: 'extensions', action: 'update', extensions: [{ extension: 'demo' }], autoremove: true } },
    'autoremove is an option of uninstall only',
  ],
  [
    'autoremove for an installation of OS packages',
    { operation: { kind: 'osPackage', action: 'install', names: ['curl'], autoremove: true } },
    'autoremove is an option of uninstall only',
  ],
  ['an empty command', { operation: { kind: 'command', content: '' } }, 'content'],
])('%s is refused', async (_, asked, said) => {
  const { status, body } = await ask('executions', asked)
  expect(status).toBe(400)
  expect(JSON.stringify(body)).toContain(said)
})
