/** Invalid input for templates: the code that an OOS client expects, and nothing is changed. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../src/lib/manual-clock.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, startTestApi, type TestApi } from '../registry/test-api.ts'
import { type CallOos, makeClients, type OosAnswer } from './clients.ts'

let db: TestDatabase
let api: TestApi
let oos: CallOos

beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database, createManualClock(Date.now()))
  oos = makeClients(api.url, admin)['pop-core POST']
})
afterAll(async () => {
  await api.close()
  await db.stop()
})
beforeEach(async () => {
  await db.database.deleteFrom('extensions').execute()
  await create('demo')
})

const configuration = { OSType: 'linux', Architecture: 'x86_64', InstallScript: 'true' }
const contentOf = (fields: object = {}) =>
  JSON.stringify({ FormatVersion: 'OOS-2019-06-01-Package', Packages: [configuration], ...fields })
const create = (TemplateName: string) => oos('CreateTemplate', { TemplateName, Content: contentOf() })
const codeOf = (answer: Promise<OosAnswer>) =>
  answer.then(
    () => 'no error',
    (error: { code: string }) => error.code,
  )
/** In the format of a server. */
const forge = (...place: unknown[]) => Buffer.from(JSON.stringify(place)).toString('base64url')

describe('refused requests change nothing', () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...'bcdefghi'.split('').map((name, n) => {
      const before = 'abcdefghi'[n]
      return `${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`
    }),
  ].join('\n')

  const mergeBomb = Array.from({ length: 40 }, (_, n) =>
    n === 0 ? 'a0: &a0 {x: 1}' : `a${n}: &a${n} {<<: [*a${n - 1}, *a${n - 1}]}`,
  ).join('\n')

  test.each<[string, string, Record<string, string>, string]>([
    ['no content', 'CreateTemplate', { TemplateName: 'x' }, 'MissingParameter'],
    ['no name', 'CreateTemplate', { Content: contentOf() }, 'MissingParameter'],
    ['a billion laughs', 'CreateTemplate', { TemplateName: 'x', Content: bomb }, 'InvalidTemplate'],
    [
      '64 KiB and one byte',
      'CreateTemplate',
      { TemplateName: 'x', Content: `${contentOf()}${' '.repeat(65_537 - contentOf().length)}` },
      'InvalidParameter',
    ],
    [
      '64 KiB in fewer letters',
      'CreateTemplate',
      { TemplateName: 'x', Content: contentOf({ Description: '包'.repeat(22_000) }) },
      'InvalidTemplate',
    ],
    [
      'deep YAML',
      'CreateTemplate',
      { TemplateName: 'x', Content: `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}` },
      'InvalidTemplate',
    ],
    [
      'deep JSON',
      'CreateTemplate',
      { TemplateName: 'x', Content: `${'['.repeat(20_000)}${']'.repeat(20_000)}` },
      'InvalidTemplate',
    ],
    ['neither JSON nor YAML', 'CreateTemplate', { TemplateName: 'x', Content: '{"a": ]' }, 'InvalidTemplate'],
    [
      'a key twice',
      'CreateTemplate',
      { TemplateName: 'x', Content: 'FormatVersion: OOS-2019-06-01-Package\nFormatVersion: x' },
      'InvalidTemplate',
    ],
    ['a bomb for a version', 'UpdateTemplate', { TemplateName: 'demo', Content: bomb }, 'InvalidTemplate'],
    ['a bomb to validate', 'ValidateTemplateContent', { Content: bomb }, 'InvalidTemplate'],
    [
      'two documents in one text',
      'CreateTemplate',
      { TemplateName: 'x', Content: `${contentOf()}\n---\n${contentOf()}` },
      'InvalidTemplate',
    ],
    [
      'a NUL character',
      'CreateTemplate',
      { TemplateName: 'x', Content: contentOf(), VersionName: 'a\0b' },
      'InvalidParameter',
    ],
    ['a merge key without a map', 'CreateTemplate', { TemplateName: 'x', Content: 'a:\n  <<: 1' }, 'InvalidTemplate'],
    ['merge keys beyond all measure', 'CreateTemplate', { TemplateName: 'x', Content: mergeBomb }, 'InvalidTemplate'],
    ['a tag of YAML', 'CreateTemplate', { TemplateName: 'x', Content: 'a: !!js/function x' }, 'InvalidTemplate'],
    ['a text that is no template', 'CreateTemplate', { TemplateName: 'x', Content: 'hello' }, 'InvalidTemplate'],
    [
      'an automation',
      'CreateTemplate',
      { TemplateName: 'x', Content: 'FormatVersion: OOS-2019-06-01\nTasks: []' },
      'UnsupportedTemplateType',
    ],
    ['a reserved name', 'CreateTemplate', { TemplateName: 'ACS-x', Content: contentOf() }, 'InvalidParameter'],
    ['201 letters', 'CreateTemplate', { TemplateName: 'a'.repeat(201), Content: contentOf() }, 'InvalidParameter'],
    ['a name with a dot', 'CreateTemplate', { TemplateName: 'a.b', Content: contentOf() }, 'InvalidParameter'],
    [
      'a name that is taken',
      'CreateTemplate',
      { TemplateName: 'demo', Content: contentOf() },
      'EntityAlreadyExists.Template',
    ],
    [
      '21 tags',
      'CreateTemplate',
      {
        TemplateName: 'x',
        Content: contentOf(),
        Tags: JSON.stringify(Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, '']))),
      },
      'InvalidParameter',
    ],
    [
      'an object that is not there',
      'CreateTemplate',
      { TemplateName: 'x', Content: contentOf({ Packages: [{ BucketName: 'my-ext', ObjectName: 'a.rpm' }] }) },
      'EntityNotExists.Object',
    ],
    [
      'an update of nothing',
      'UpdateTemplate',
      { TemplateName: 'nothing', Content: contentOf() },
      'EntityNotExists.Template',
    ],
    [
      'a version that is not there',
      'GetTemplate',
      { TemplateName: 'demo', TemplateVersion: 'v9' },
      'EntityNotExists.TemplateVersion',
    ],
    ['a template that is not there', 'GetTemplate', { TemplateName: 'nothing' }, 'EntityNotExists.Template'],
    [
      'a mark on what is not there',
      'UpdateTemplateAttributes',
      { TemplateName: 'nothing', IsFavorite: 'true' },
      'EntityNotExists.Template',
    ],
    [
      'a template shared with another account',
      'UpdateTemplateAttributes',
      { TemplateName: 'demo', SharePermissionAction: 'Share', AccountIds: '["1"]', IsFavorite: 'true' },
      'InvalidParameter',
    ],
    ['MaxResults 0', 'ListTemplates', { MaxResults: '0' }, 'InvalidParameter'],
    ['MaxResults 101', 'ListTemplates', { MaxResults: '101' }, 'InvalidParameter'],
    [
      'a NextToken of another operation',
      'ListTemplateVersions',
      { TemplateName: 'demo', NextToken: forge('ListTemplates', 1) },
      'InvalidParameter',
    ],
    [
      'a NextToken with a version that cannot be',
      'ListTemplateVersions',
      { TemplateName: 'demo', NextToken: forge('ListTemplateVersions', 2 ** 40) },
      'InvalidParameter',
    ],
    [
      'a NextToken with a time that is none',
      'ListTemplates',
      { SortField: 'CreatedDate', NextToken: forge('ListTemplates', 'CreatedDate', 'Descending', 'foo 2001', 'x') },
      'InvalidParameter',
    ],
    [
      'a public template deleted',
      'DeleteTemplate',
      { TemplateName: 'ACS-ECS-BulkyRunCommand' },
      'EntityNotExists.Template',
    ],
    ['a foreign NextToken', 'ListTemplates', { NextToken: 'abc' }, 'InvalidParameter'],
    ['an unknown SortField', 'ListTemplates', { SortField: 'Size' }, 'InvalidParameter'],
    ['tags of another type', 'ListTagResources', { ResourceType: 'parameter' }, 'InvalidParameter'],
    [
      '51 resources',
      'TagResources',
      { ResourceType: 'template', Tags: '{"k":"v"}', ResourceIds: JSON.stringify(Array(51).fill('demo')) },
      'InvalidParameter',
    ],
  ])('%s', async (_, action, parameters, code) => {
    const rows = () =>
      Promise.all([
        db.database.selectFrom('extensions').selectAll().execute(),
        db.database.selectFrom('extension_versions').selectAll().execute(),
        db.database.selectFrom('favorite_templates').selectAll().execute(),
      ])
    const before = await rows()
    expect(await codeOf(oos(action, parameters))).toBe(code)
    expect(await rows()).toEqual(before)
  })

  test('a NextToken of another order', async () => {
    for (const name of ['a', 'b']) await create(name)
    const { NextToken } = await oos('ListTemplates', { MaxResults: 1, SortField: 'TemplateName' })
    expect(await codeOf(oos('ListTemplates', { NextToken, SortField: 'CreatedDate' }))).toBe('InvalidParameter')
    expect(await codeOf(oos('ListTemplateVersions', { TemplateName: 'a', NextToken }))).toBe('InvalidParameter')
  })
})
