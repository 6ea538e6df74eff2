import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sha256Of } from '../../../src/lib/digest.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, basic, makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi

beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())
beforeEach(async () => {
  api = await startTestApi(db.database)
})
afterEach(async () => {
  await api.close()
  for (const table of ['executions', 'installed_states', 'instances', 'extension_versions', 'extensions'] as const)
    await db.database.deleteFrom(table).execute()
})

const linux = { os: 'linux', scripts: { install: 'echo hello' } }
const create = (input: object) =>
  api.call('POST', '/api/v1/extensions', { name: 'demo', configurations: [linux], ...input })
const createVersion = (input: object = {}, name = 'demo') =>
  api.call('POST', `/api/v1/extensions/${name}/versions`, { configurations: [linux], ...input })
const get = (path: string) => api.call('GET', `/api/v1/extensions${path}`)
const countRows = async () => (await db.database.selectFrom('extension_versions').selectAll().execute()).length

async function upload(bytes: string): Promise<string> {
  const response = await fetch(`${api.url}/api/v1/artifacts`, {
    method: 'PUT',
    body: bytes,
    headers: { authorization: basic(admin), 'content-type': 'application/octet-stream' },
  })
  expect(response.status).toBe(200)
  return sha256Of(bytes)
}

describe('create', () => {
  test('an extension with its first version, completed and readable', async () => {
    const sha256 = await upload('package bytes')
    const { status, body } = await create({
      type: 'Agent',
      description: 'Demo service',
      versionDescription: 'first release',
      scope: { platforms: [{ id: 'debian', versions: '>=11' }] },
      parameters: { port: { type: 'Number', default: 8080, min: 1, max: 65_535 } },
      configurations: [
        { os: 'linux', arch: 'x86_64', artifact: { sha256, fileName: 'demo.deb', kind: 'deb' } },
        { os: 'linux', arch: 'arm64', scripts: { install: 'true' }, run: { timeoutMs: 60_000 } },
      ],
    })
    expect([status, body]).toEqual([201, { name: 'demo', version: 'v1' }])
    expect((await get('/demo')).body).toEqual({
      id: expect.stringMatching(/^ext-/),
      name: 'demo',
      channels: {},
      type: 'Agent',
      description: 'Demo service',
      latestVersion: 'v1',
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
      createdBy: 'admin',
      updatedBy: 'admin',
      tags: {},
      resourceGroup: '',
      installedOn: {},
      brokenOn: 0,
    })
    const run = { timeoutMs: 7_200_000, unpack: false, keepWorkspace: 'never' }
    expect((await get('/demo/versions/v1')).body).toEqual({
      extension: 'demo',
      version: 'v1',
      versionDescription: 'first release',
      deprecated: false,
      createdAt: '2026-01-01T00:00:00.000Z',
      scope: { platforms: [{ id: 'debian', versions: '>=11' }] },
      parameters: { port: { type: 'Number', default: 8080, min: 1, max: 65_535 } },
      configurations: [
        {
          id: 'c1',
          os: 'linux',
          arch: 'x86_64',
          artifact: { sha256, sizeBytes: 13, fileName: 'demo.deb', kind: 'deb' },
          scripts: {},
          verify: [],
          run,
        },
        {
          id: 'c2',
          os: 'linux',
          arch: 'arm64',
          scripts: { install: 'true' },
          verify: [],
          run: { ...run, timeoutMs: 60_000 },
        },
      ],
    })
    const { body: audit } = await api.call('GET', '/api/v1/audit-log?maxResults=1')
    expect(audit.items).toMatchObject([{ action: 'CreateExtension', resource: 'extension/demo' }])
  })

  test.each([
    ['a reserved name', { name: 'aliyun-demo' }, 'ExtensionNameReserved', []],
    ['a name of other letters', { name: 'demo.1' }, 'ExtensionNameInvalid', []],
    ['a name that is too long', { name: 'x'.repeat(201) }, 'ExtensionNameInvalid', []],
    ['an unknown field', { versionDescripton: 'x' }, 'RequestInvalid', ['versionDescripton']],
    [
      'an unknown field deep inside',
      { configurations: [{ ...linux, run: { timeout: 1 } }] },
      'RequestInvalid',
      ['configurations.0.run.timeout'],
    ],
    ['no configuration', { configurations: [] }, 'RequestInvalid', ['configurations']],
    [
      'an empty script',
      { configurations: [{ os: 'linux', scripts: { install: '' } }] },
      'RequestInvalid',
      ['configurations.0.scripts.install'],
    ],
    [
      'a blank script',
      { configurations: [{ os: 'linux', scripts: { install: ' \n' } }] },
      'ExtensionInvalid',
      ['configurations.0.scripts.install'],
    ],
    [
      'a script that is too large',
      { configurations: [{ os: 'linux', scripts: { install: 'x'.repeat(262_145) } }] },
      'RequestInvalid',
      ['configurations.0.scripts.install'],
    ],
    [
      'neither artifact nor script',
      { configurations: [{ os: 'linux' }] },
      'ExtensionInvalid',
      ['configurations.0.scripts'],
    ],
    ['ambiguous configurations', { configurations: [linux, linux] }, 'ExtensionInvalid', ['configurations.1']],
    ['an unknown OS', { configurations: [{ ...linux, os: 'plan9' }] }, 'RequestInvalid', ['configurations.0.os']],
    [
      'a range that is none',
      { scope: { platforms: [{ id: 'debian', versions: '>=' }] } },
      'ExtensionInvalid',
      ['scope.platforms.0.versions'],
    ],
    [
      'a parameter name that is none',
      { parameters: { 'a b': { type: 'String' } } },
      'ExtensionInvalid',
      ['parameters.a b'],
    ],
    [
      'parameters that would be one environment variable',
      { parameters: { 'a-b': { type: 'String' }, a_b: { type: 'String' } } },
      'ExtensionInvalid',
      ['parameters.a_b'],
    ],
    [
      'a default outside of its limits',
      { parameters: { n: { type: 'Number', default: 9, max: 5 } } },
      'ExtensionInvalid',
      ['parameters.n.default'],
    ],
    [
      'an artifact that was never uploaded',
      { configurations: [{ os: 'linux', artifact: { sha256: '0'.repeat(64), fileName: 'a.deb', kind: 'deb' } }] },
      'ArtifactNotFound',
      [],
    ],
    [
      'a file name with a path',
      { configurations: [{ os: 'linux', artifact: { sha256: '0'.repeat(64), fileName: '../a.deb', kind: 'deb' } }] },
      'RequestInvalid',
      ['configurations.0.artifact.fileName'],
    ],
  ])('%s is refused with its place, and nothing is left behind', async (_, input, code, paths) => {
    const { status, body } = await create(input)
    expect(body.code).toBe(code)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(body.next).toMatch(/\w/)
    for (const path of paths) expect(body.problems.map((problem: { path: string }) => problem.path)).toContain(path)
    expect(await countRows()).toBe(0)
    expect((await get('')).body.items).toEqual([])
  })

  test('ambiguous configurations are both named, with an example', async () => {
    const { body } = await create({ configurations: [linux, { ...linux, arch: 'arm64' }, linux] })
    expect(body.detail).toMatch(/c1.*c3/)
  })

  test('a script artifact that needs a script, and a package that needs none', async () => {
    const sha256 = await upload('bytes')
    const artifact = (kind: string) => ({
      configurations: [{ os: 'linux', artifact: { sha256, fileName: 'a', kind } }],
    })
    expect((await create(artifact('tar'))).body).toMatchObject({
      code: 'ExtensionInvalid',
      detail: expect.stringContaining('needs an install script'),
    })
    expect((await create(artifact('msi'))).body.code).toBe('ExtensionInvalid')
    expect((await create(artifact('rpm'))).status).toBe(201)
  })

  test('a taken name, also under concurrency', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => create({})))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409, 409, 409])
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('ExtensionNameTaken')
    expect(await countRows()).toBe(1)
  })
})

describe('versions', () => {
  test('created concurrently get different numbers without a gap', async () => {
    await create({})
    const answers = await Promise.all(Array.from({ length: 8 }, () => createVersion()))
    const numbers = answers.map(({ body }) => Number(body.version.slice(1))).sort((a, b) => a - b)
    expect(numbers).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
    expect((await get('/demo')).body.latestVersion).toBe('v9')
  })

  test('that are refused take no number', async () => {
    await create({})
    expect((await createVersion({ configurations: [linux, linux] })).body.code).toBe('ExtensionInvalid')
    expect((await createVersion()).body.version).toBe('v2')
    expect((await createVersion({}, 'none')).body.code).toBe('ExtensionNotFound')
  })

  test('are listed newest first, in pages, and cut where they are large', async () => {
    await create({})
    for (let made = 0; made < 3; made++) await createVersion()
    const first = (await get('/demo/versions?maxResults=3')).body
    expect(first.items.map(({ version }: { version: string }) => version)).toEqual(['v4', 'v3', 'v2'])
    const last = (await get(`/demo/versions?maxResults=3&nextToken=${first.nextToken}`)).body
    expect(last.items.map(({ version }: { version: string }) => version)).toEqual(['v1'])
    expect(last.nextToken).toBeUndefined()

    const large = Array.from({ length: 7 }, (_, n) => ({
      os: 'linux',
      arch: `a${n}`,
      scripts: { install: 'x'.repeat(262_144) },
    }))
    for (let made = 0; made < 6; made++) expect((await createVersion({ configurations: large })).status).toBe(201)
    const page = (await get('/demo/versions')).body
    expect(page.items.length).toBeLessThan(6)
    const rest = (await get(`/demo/versions?nextToken=${page.nextToken}`)).body
    expect([...page.items, ...rest.items].map(({ version }) => version)).toEqual([
      'v10',
      'v9',
      'v8',
      'v7',
      'v6',
      'v5',
      'v4',
      'v3',
      'v2',
      'v1',
    ])
  })

  test('are found with and without the v; others are not', async () => {
    await create({})
    expect((await get('/demo/versions/1')).body.version).toBe('v1')
    expect((await get('/demo/versions/V1')).body.version).toBe('v1')
    expect((await get('/demo/versions/v2')).body).toMatchObject({
      status: 404,
      code: 'VersionNotFound',
      detail: 'Extension "demo" has no version v2.',
    })
    expect((await get('/demo/versions/v0')).body.code).toBe('RequestInvalid')
    expect((await get('/none/versions/v1')).body.code).toBe('ExtensionNotFound')
  })

  test('are deprecated and undeprecated', async () => {
    await create({})
    expect((await api.call('POST', '/api/v1/extensions/demo/versions/v1/deprecate')).status).toBe(204)
    expect((await get('/demo/versions/v1')).body.deprecated).toBe(true)
    expect((await api.call('POST', '/api/v1/extensions/demo/versions/v1/undeprecate')).status).toBe(204)
    expect((await get('/demo/versions/v1')).body.deprecated).toBe(false)
    expect((await api.call('POST', '/api/v1/extensions/demo/versions/v9/deprecate')).body.code).toBe('VersionNotFound')
  })

  test('a deleted number is not reused', async () => {
    await create({})
    await createVersion()
    expect((await api.call('DELETE', '/api/v1/extensions/demo/versions/v2')).status).toBe(204)
    expect((await get('/demo')).body.latestVersion).toBe('v1')
    expect((await createVersion()).body.version).toBe('v3')
    await api.call('DELETE', '/api/v1/extensions/demo/versions/v1')
    const only = await api.call('DELETE', '/api/v1/extensions/demo/versions/v3?force=true')
    expect(only.body).toMatchObject({
      code: 'VersionInUse',
      detail: expect.stringContaining('delete the extension instead'),
    })
  })
})

describe('delete', () => {
  async function installV1(): Promise<string> {
    const { body: token } = await api.call('POST', '/api/v1/join-tokens', {})
    const { body } = await api.call('POST', '/agent/v1/enrol', makeEnrolment(token.token), null)
    await db.pool.query(
      `insert into installed_states (instance_id, extension_id, account_id, status, version, configuration_id, parameters_digest, execution_id)
       select $1, id, 'default', 'installed', 1, 'c1', '', 'exec-1' from extensions`,
      [body.instanceId],
    )
    return body.instanceId
  }

  test('is refused while an instance has it, naming the instance, unless forced', async () => {
    await create({})
    await createVersion()
    const instanceId = await installV1()
    const extension = await api.call('DELETE', '/api/v1/extensions/demo')
    expect(extension.body).toMatchObject({
      status: 409,
      code: 'ExtensionInUse',
      detail: expect.stringContaining(instanceId),
    })
    const version = await api.call('DELETE', '/api/v1/extensions/demo/versions/v1')
    expect(version.body).toMatchObject({
      status: 409,
      code: 'VersionInUse',
      detail: expect.stringContaining(instanceId),
    })
    expect((await api.call('DELETE', '/api/v1/extensions/demo/versions/v2')).status).toBe(204)
    expect((await api.call('DELETE', '/api/v1/extensions/demo?force=true')).status).toBe(204)
    expect((await get('/demo')).status).toBe(404)
    // The extension is still on the instance, the list still shows it, and users can uninstall it
    // by name.
    const { body } = await api.call('GET', `/api/v1/instances/${instanceId}`)
    expect(body.installed).toMatchObject([{ extension: 'demo', version: 'v1' }])
    const uninstall = { action: 'uninstall', extension: 'demo', targets: { kind: 'all' } }
    const started = await api.call('POST', '/api/v1/executions', uninstall)
    expect(started).toMatchObject({ status: 201, body: { extension: 'demo', taskCount: 1 } })
    const { body: tasks } = await api.call('GET', `/api/v1/executions/${started.body.id}/tasks`)
    expect(tasks.items).toMatchObject([{ step: 'uninstall', reason: 'uninstalls v1', instanceId }])
    // No other operation is possible, and where no instance has it the name is unknown.
    const install = { ...uninstall, action: 'install' }
    expect((await api.call('POST', '/api/v1/executions', install)).body.code).toBe('ExtensionNotFound')
    await db.pool.query('delete from installed_states')
    expect((await api.call('POST', '/api/v1/executions', uninstall)).body.code).toBe('ExtensionNotFound')
  })

  test('is refused while an execution uses it, naming the execution, until that has ended', async () => {
    await create({})
    await createVersion()
    await db.pool.query(
      `insert into executions (id, account_id, request_digest, operation, extension_id, targets, rate_control, mode, delivery_timeout_ms, created_by, status, reason_code, reason, task_count)
       select 'exec-' || n, 'default', '', '{"version": 2}', id, '{}', '{}', 'Automatic', 1, 'x', 'Running', '', '', 1
       from extensions, generate_series(1, 7) n`,
    )
    const refused = await api.call('DELETE', '/api/v1/extensions/demo')
    expect(refused.body.detail).toContain('it is used by exec-1, exec-2, exec-3, exec-4, exec-5 and 2 more')
    expect((await api.call('DELETE', '/api/v1/extensions/demo/versions/v2')).body.code).toBe('VersionInUse')
    expect((await api.call('DELETE', '/api/v1/extensions/demo/versions/v1')).status).toBe(204)
    await db.pool.query('update executions set ended_at = now()')
    expect((await api.call('DELETE', '/api/v1/extensions/demo')).status).toBe(204)
  })

  test('of a missing one', async () => {
    expect((await api.call('DELETE', '/api/v1/extensions/none')).body.code).toBe('ExtensionNotFound')
    await create({})
    expect((await api.call('DELETE', '/api/v1/extensions/demo/versions/v7')).body.code).toBe('VersionNotFound')
    expect((await api.call('DELETE', '/api/v1/extensions/demo?force=perhaps')).body.code).toBe('RequestInvalid')
  })
})
