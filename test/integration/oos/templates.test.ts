/** Extensions as templates of type Package: what one API creates, the other shows, without loss. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sha256Of } from '../../../src/lib/digest.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { createManualClock } from '../../../src/lib/manual-clock.ts'
import { fillContents } from '../../../src/server/app/extension/fill-contents.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, basic, startTestApi, type TestApi } from '../registry/test-api.ts'
import { type CallOos, makeClients, type OosAnswer } from './clients.ts'

let db: TestDatabase
let api: TestApi
let oos: CallOos

beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())
beforeEach(async () => {
  api = await startTestApi(db.database, createManualClock(Date.now()))
  oos = makeClients(api.url, admin)['pop-core POST']
})
afterEach(async () => {
  await api.close()
  for (const table of [
    'executions',
    'installed_states',
    'favorite_templates',
    'extensions',
    'objects',
    'buckets',
    'artifacts',
  ] as const)
    await db.database.deleteFrom(table).execute()
})

const configuration = { OSType: 'linux', Architecture: 'x86_64', InstallScript: '#!/bin/bash\necho {{ port }}' }
const contentOf = (fields: object = {}) =>
  JSON.stringify({ FormatVersion: 'OOS-2019-06-01-Package', Packages: [configuration], ...fields })
const create = (TemplateName = 'demo', fields: Record<string, string> = {}) =>
  oos('CreateTemplate', { TemplateName, Content: contentOf(), ...fields })
const createNative = (name: string, fields: object = {}) =>
  api.call('POST', '/api/v1/extensions', {
    name,
    configurations: [{ os: 'linux', scripts: { install: 'true' } }],
    ...fields,
  })
const native = async (path: string) => (await api.call('GET', `/api/v1/extensions/${path}`)).body
const codeOf = (answer: Promise<OosAnswer>) =>
  answer.then(
    () => 'no error',
    (error: { code: string }) => error.code,
  )
const namesOf = ({ Templates }: OosAnswer) =>
  Templates.map(({ TemplateName }: { TemplateName: string }) => TemplateName)

async function putObject(key: string, bytes: string) {
  await api.call('POST', '/api/v1/buckets', { name: 'my-ext' })
  const response = await fetch(`${api.url}/api/v1/buckets/my-ext/objects/${key}`, {
    method: 'PUT',
    body: bytes,
    headers: { authorization: basic(admin) },
  })
  expect(response.status).toBe(200)
}

describe('both APIs', () => {
  test.each(['_', 'a_b', `${'long_name-'.repeat(20)}`])('%s is a name', async (TemplateName) => {
    const Content = 'FormatVersion: OOS-2019-06-01-Package\nPackages: [{InstallScript: "#!/bin/sh"}]'
    await oos('CreateTemplate', { TemplateName, Content })
    expect((await oos('GetTemplate', { TemplateName })).Template.TemplateName).toBe(TemplateName)
    expect(await native(TemplateName)).toMatchObject({ name: TemplateName })
  })

  test('YAML merge keys are accepted, and stored as written', async () => {
    const Content = [
      'FormatVersion: OOS-2019-06-01-Package',
      'Packages:',
      '  - &base',
      '    OSType: linux',
      '    Architecture: x86_64',
      '    InstallScript: echo one',
      '  - <<: *base',
      '    Architecture: aarch64',
      '',
    ].join('\n')
    await oos('CreateTemplate', { TemplateName: 'merged', Content })
    expect((await oos('GetTemplate', { TemplateName: 'merged' })).Content).toBe(Content)
    const { Parameters } = await oos('ValidateTemplateContent', { Content })
    expect(Parameters).toBe('{}')
    const own = Content.replace('    Architecture: aarch64', '    Architecture: 5')
    await expect(oos('CreateTemplate', { TemplateName: 'wrong', Content: own })).rejects.toThrow('Packages.1')
  })

  test('a template is an extension, and its content is stored unchanged', async () => {
    await putObject('demo/demo-1.0.rpm', 'package')
    const Content = [
      'FormatVersion: OOS-2019-06-01-Package   # as sent, comments and all',
      'Description: {en: Demo, zh-cn: 演示, categories: [driver]}',
      'Parameters: {port: {Type: Number, Default: 8080}}',
      'Constraints: {OSPlatforms: [CentOS], OSVersions: ["CentOS  7.9 64bit"]}',
      'Packages:',
      '  - {Platform: CentOS, BucketName: my-ext, ObjectName: demo/demo-1.0.rpm}',
      '',
    ].join('\n')
    const created = await oos('CreateTemplate', {
      TemplateName: 'demo',
      Content,
      VersionName: 'first',
      Tags: '{"env":"prod"}',
      ResourceGroupId: 'rg-1',
    })
    const template = {
      TemplateId: expect.stringMatching(/^t-[0-9a-f]{20}$/),
      TemplateName: 'demo',
      TemplateType: 'Package',
      TemplateFormat: 'YAML',
      TemplateVersion: 'v1',
      VersionName: 'first',
      Description: '{"en":"Demo","zh-cn":"演示","categories":["driver"]}',
      Hash: sha256Of(Content),
      ShareType: 'Private',
      HasTrigger: false,
      Tags: { env: 'prod' },
      ResourceGroupId: 'rg-1',
      CreatedBy: 'admin',
      UpdatedBy: 'admin',
    }
    expect(created).toMatchObject({ TemplateType: 'Package', Template: template })
    const read = await oos('GetTemplate', { TemplateName: 'demo' })
    expect(read).toMatchObject({ Content, Template: template })
    expect(await native('demo')).toMatchObject({
      type: 'Driver',
      description: 'Demo',
      tags: { env: 'prod' },
      resourceGroup: 'rg-1',
    })
    expect(await native('demo/versions/v1')).toMatchObject({
      versionDescription: 'first',
      scope: { platforms: [{ id: 'centos', versions: '7.9' }] },
      parameters: { port: { type: 'Number', default: 8080 } },
      configurations: [
        {
          platforms: [{ id: 'centos' }],
          artifact: {
            sha256: sha256Of('package'),
            sizeBytes: 7,
            fileName: 'demo-1.0.rpm',
            kind: 'rpm',
            object: { bucket: 'my-ext', key: 'demo/demo-1.0.rpm' },
          },
        },
      ],
    })
  })

  test('an extension is a template, and its content creates the same version again', async () => {
    await createNative('first', {
      type: 'Agent',
      description: 'Demo',
      scope: { platforms: [{ id: 'debian', versions: '>=11' }] },
      parameters: { token: { type: 'String', noEcho: true, actions: ['install'] } },
      configurations: [
        {
          os: 'linux',
          arch: 'arm64',
          scripts: { install: 'true', update: 'echo update' },
          verify: [{ kind: 'port', port: 80, withinMs: 5_000 }],
          run: { runAs: 'demo', timeoutMs: 60_000 },
        },
      ],
    })
    const { Content, Template } = await oos('GetTemplate', { TemplateName: 'first' })
    expect(Template).toMatchObject({ TemplateFormat: 'JSON', Hash: sha256Of(Content), TemplateType: 'Package' })
    await oos('CreateTemplate', { TemplateName: 'second', Content })
    const { extension: _, ...second } = await native('second/versions/v1')
    expect(second).toEqual({ ...(await native('first/versions/v1')), extension: undefined })
    expect(await native('second')).toMatchObject({ type: 'Agent', description: 'Demo' })
  })

  test('an update is the next version; a version keeps the object that it was created with', async () => {
    await putObject('demo.deb', 'one')
    const Content = contentOf({ Packages: [{ BucketName: 'my-ext', ObjectName: 'demo.deb' }] })
    await create('demo', { Content })
    await putObject('demo.deb', 'two')
    const updated = await oos('UpdateTemplate', { TemplateName: 'demo', Content, VersionName: 'second' })
    expect(updated.Template).toMatchObject({ TemplateVersion: 'v2', VersionName: 'second' })
    const sha256Of1 = async (version: string) =>
      (await native(`demo/versions/${version}`)).configurations[0].artifact.sha256
    expect([await sha256Of1('v1'), await sha256Of1('v2')]).toEqual([sha256Of('one'), sha256Of('two')])
    await api.call('POST', '/api/v1/extensions/demo/versions', {
      configurations: [{ os: 'linux', scripts: { install: 'true' } }],
    })
    const first = await oos('ListTemplateVersions', { TemplateName: 'demo', MaxResults: 2 })
    expect(first.TemplateVersions.map((row: OosAnswer) => row.TemplateVersion)).toEqual(['v3', 'v2'])
    const rest = await oos('ListTemplateVersions', { TemplateName: 'demo', NextToken: first.NextToken })
    expect(rest).toMatchObject({ NextToken: '', TemplateVersions: [{ TemplateVersion: 'v1', TemplateFormat: 'JSON' }] })
    expect(await oos('GetTemplate', { TemplateName: 'demo', TemplateVersion: 'v1' })).toMatchObject({ Content })
  })

  test('versions older than contents are rendered when a server starts', async () => {
    await createNative('demo')
    const before = await oos('GetTemplate', { TemplateName: 'demo' })
    await db.database
      .updateTable('extension_versions')
      .set({ content: null, content_format: null, content_sha256: null, content_description: '' })
      .execute()
    await fillContents({ database: db.database, log: silentLogger })
    const after = await oos('GetTemplate', { TemplateName: 'demo' })
    expect({ ...after, RequestId: '' }).toEqual({ ...before, RequestId: '' })
  })
})

describe('ListTemplates', () => {
  const list = (parameters: Record<string, string | number> = {}) => oos('ListTemplates', parameters)

  test('filters, each and together', async () => {
    await create('demo-a', { Tags: '{"env":"prod","team":"x"}', ResourceGroupId: 'rg-1' })
    await create('demo-b', { Tags: '{"env":"prod"}' })
    await createNative('other')
    const own = (parameters: Record<string, string> = {}) =>
      list({ ShareType: 'Private', SortField: 'TemplateName', SortOrder: 'Ascending', ...parameters }).then(namesOf)
    expect(await own()).toEqual(['demo-a', 'demo-b', 'other'])
    expect(await own({ TemplateName: 'EMO-' })).toEqual(['demo-a', 'demo-b'])
    expect(await own({ Tags: '{"env":"prod","team":"x"}' })).toEqual(['demo-a'])
    expect(await own({ ResourceGroupId: 'rg-1' })).toEqual(['demo-a'])
    expect(await own({ TemplateType: 'Package', CreatedBy: 'admin' })).toHaveLength(3)
    expect(await own({ TemplateType: 'Automation' })).toEqual([])
    expect(await own({ CreatedBy: 'nobody' })).toEqual([])
    expect(await own({ TemplateFormat: 'YAML' })).toEqual([])
    expect(await own({ CreatedDateAfter: '2100-01-01T00:00:00Z' })).toEqual([])
    expect(await own({ CreatedDateBefore: '2100-01-01T00:00:00Z' })).toHaveLength(3)
    expect(await own({ HasTrigger: 'true' })).toEqual([])
    expect(await own({ HasTrigger: 'false', IsFavorite: 'false' })).toHaveLength(3)
    expect(namesOf(await list({ ShareType: 'Public' }))).toContain('ACS-ECS-BulkyConfigureOOSPackageWithTemporaryURL')
    expect(namesOf(await list({ CreatedBy: 'ACS', TemplateName: 'RunCommand' }))).toEqual(['ACS-ECS-BulkyRunCommand'])
  })

  test('favorites are per user, public templates included', async () => {
    await create('demo-a')
    await create('demo-b')
    const published = 'ACS-ECS-BulkyRunCommand'
    const mark = (TemplateName: string, IsFavorite: string) =>
      oos('UpdateTemplateAttributes', { TemplateName, IsFavorite })
    for (const name of ['demo-a', published, published]) await mark(name, 'true')
    const favorites = await list({ IsFavorite: 'true', SortField: 'TemplateName', SortOrder: 'Ascending' })
    expect(namesOf(favorites)).toEqual([published, 'demo-a'])
    expect(favorites.Templates.map((template: OosAnswer) => template.IsFavorite)).toEqual([true, true])
    expect(namesOf(await list({ IsFavorite: 'false', ShareType: 'Private' }))).toEqual(['demo-b'])
    expect(namesOf(await list({ IsFavorite: 'false' }))).not.toContain(published)

    await api.call('POST', '/api/v1/users', { name: 'other' })
    await api.call('PUT', '/api/v1/users/other/policies/AliyunOOSFullAccess')
    const { body: key } = await api.call('POST', '/api/v1/access-keys', { userName: 'other', kind: 'oos' })
    const other = makeClients(api.url, { id: key.id, secret: key.secret })['pop-core POST']
    expect(namesOf(await other('ListTemplates', { IsFavorite: 'true' }))).toEqual([])
    for (const name of ['demo-a', published]) await mark(name, 'false')
    expect(namesOf(await list({ IsFavorite: 'true' }))).toEqual([])
  })

  test.each(['TotalExecutionCount', 'Popularity', 'TemplateName', 'CreatedDate', 'UpdatedDate'])(
    'by %s, in pages, in both directions, public templates among them',
    async (SortField) => {
      for (const name of ['b', 'a', 'B', 'c-1', 'c']) {
        await create(name)
        await api.clock.advance(1_500)
      }
      const walk = async (SortOrder: string, MaxResults: number) => {
        const names: string[] = []
        let NextToken: string | undefined
        do {
          const page = await list({ SortField, SortOrder, MaxResults, ...(NextToken ? { NextToken } : {}) })
          names.push(...namesOf(page))
          NextToken = page.NextToken
        } while (NextToken)
        return names
      }
      const ascending = await walk('Ascending', 100)
      expect(ascending).toEqual(expect.arrayContaining(['a', 'b', 'B', 'c', 'c-1', 'ACS-ECS-ConfigurePackage']))
      expect(await walk('Ascending', 2)).toEqual(ascending)
      expect(await walk('Descending', 3)).toEqual(ascending.toReversed())
      const own = ascending.filter((name) => name.length < 4)
      expect(own).toEqual(SortField.endsWith('Date') ? ['b', 'a', 'B', 'c-1', 'c'] : ['B', 'a', 'b', 'c', 'c-1'])
    },
  )

  test('returns the fields that a console needs', async () => {
    const Constraints = {
      InstanceTypeFamilies: ['ecs.g7'],
      ImageTypes: ['self'],
      OSPlatforms: ['CentOS'],
      OSVersions: [],
    }
    await create('demo', { Content: contentOf({ Constraints }) })
    const { Templates } = await list({ TemplateType: 'Package' })
    expect(Templates).toMatchObject([
      { Publisher: 'default', Popularity: -1, IsFavorite: false, TotalExecutionCount: 0 },
    ])
    expect(JSON.parse(Templates[0].Constraints)).toEqual(Constraints)
  })
})

describe('tags', () => {
  const ResourceType = 'template'
  beforeEach(async () => {
    await create('a', { Tags: '{"env":"prod"}' })
    await create('b')
  })

  test('are set, listed and removed, and both APIs see them', async () => {
    await oos('TagResources', { ResourceType, ResourceIds: '["a","b"]', Tags: '{"team":"x","env":"test"}' })
    expect((await native('a')).tags).toEqual({ env: 'test', team: 'x' })
    const row = (ResourceId: string, TagKey: string, TagValue: string) => ({
      ResourceId,
      ResourceType,
      TagKey,
      TagValue,
    })
    const listed = await oos('ListTagResources', { ResourceType, Tags: '{"env":"test"}' })
    const all = [row('a', 'env', 'test'), row('a', 'team', 'x'), row('b', 'env', 'test'), row('b', 'team', 'x')]
    expect(listed.TagResources.TagResource).toEqual(all)
    await oos('UntagResources', { ResourceType, ResourceIds: '["a"]', TagKeys: '["env"]' })
    await oos('UntagResources', { ResourceType, ResourceIds: '["b"]', All: true })
    const rest = await oos('ListTagResources', { ResourceType, ResourceIds: '["a","b"]' })
    expect(rest.TagResources.TagResource).toEqual([row('a', 'team', 'x')])
    await api.call('PATCH', '/api/v1/extensions/b', { tags: { env: 'native' }, resourceGroup: 'rg-2' })
    expect(await oos('GetTemplate', { TemplateName: 'b' })).toMatchObject({
      Template: { Tags: { env: 'native' }, ResourceGroupId: 'rg-2' },
    })
  })

  test('keys and values are listed once each, in pages', async () => {
    await oos('TagResources', { ResourceType, ResourceIds: '["a","b"]', Tags: '{"k1":"v1","k2":"v2"}' })
    const first = await oos('ListTagKeys', { ResourceType, MaxResults: 2 })
    expect(first.Keys).toEqual(['env', 'k1'])
    expect(await oos('ListTagKeys', { NextToken: first.NextToken })).toMatchObject({ Keys: ['k2'], NextToken: '' })
    expect((await oos('ListTagValues', { Key: 'k1' })).Values).toEqual(['v1'])
    expect((await oos('ListTagValues')).Values).toEqual(['prod', 'v1', 'v2'])
  })

  test('a resource group is changed', async () => {
    await oos('ChangeResourceGroup', { ResourceType, ResourceId: 'a', NewResourceGroupId: 'rg-9' })
    expect((await native('a')).resourceGroup).toBe('rg-9')
  })

  test('one missing resource, or one tag too many, and none is changed', async () => {
    const tag = (ids: string, Tags: string) => codeOf(oos('TagResources', { ResourceType, ResourceIds: ids, Tags }))
    expect(await tag('["a","nobody"]', '{"k":"v"}')).toBe('EntityNotExists.Template')
    const many = (prefix: string) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [prefix + n, ''])))
    await tag('["b"]', many('x'))
    expect(await tag('["a","b"]', many('y'))).toBe('InvalidParameter')
    expect((await native('a')).tags).toEqual({ env: 'prod' })
  })
})

describe('deleting', () => {
  test('one and several, all or none', async () => {
    for (const name of ['a', 'b', 'c']) await create(name)
    await oos('DeleteTemplate', { TemplateName: 'a' })
    expect(await codeOf(oos('DeleteTemplates', { TemplateNames: '["b","a"]' }))).toBe('EntityNotExists.Template')
    expect((await native('b')).name).toBe('b')
    await oos('DeleteTemplates', { TemplateNames: '["b","c"]' })
    expect(namesOf(await oos('ListTemplates', { ShareType: 'Private' }))).toEqual([])
  })
})

test('content is validated without being created', async () => {
  const Parameters = { port: { Type: 'Number', Label: { en: 'Port' } } }
  const answer = await oos('ValidateTemplateContent', { Content: contentOf({ Parameters }) })
  expect(JSON.parse(answer.Parameters)).toEqual(Parameters)
  expect(answer).toMatchObject({ Outputs: '{}', Tasks: [] })
  expect(await codeOf(oos('ValidateTemplateContent', { Content: '{' }))).toBe('InvalidTemplate')
  expect(
    await codeOf(oos('ValidateTemplateContent', { Content: contentOf({ Packages: [configuration, configuration] }) })),
  ).toBe('InvalidTemplate')
})
