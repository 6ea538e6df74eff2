/** The service as a whole, through the official clients: its settings, and its actions. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createManualClock } from '../../../src/lib/manual-clock.ts'
import { publicTemplates } from '../../../src/server/oos/public-template/public-templates.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, startTestApi, type TestApi } from '../registry/test-api.ts'
import { type CallOos, type ClientName, clientNames, makeClients, type OosAnswer } from './clients.ts'

let db: TestDatabase
let api: TestApi
let clients: Readonly<Record<ClientName, CallOos>>
let call: CallOos

beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database, createManualClock(Date.now()))
  clients = makeClients(api.url, admin)
  call = clients['pop-core POST']
})
afterAll(async () => {
  await api.close()
  await db.stop()
})
beforeEach(async () => {
  await db.database.deleteFrom('service_settings').execute()
})

const codeOf = (answer: Promise<OosAnswer>) =>
  answer.then(
    () => 'no error',
    (error: { code: string }) => error.code,
  )

const unset = {
  DeliveryOssBucketName: '',
  DeliveryOssEnabled: false,
  DeliveryOssKeyPrefix: '',
  DeliverySlsEnabled: false,
  DeliverySlsProjectName: '',
  RdcEnterpriseId: '',
}

test.each(clientNames)('%s sets the names of an account, and reads them', async (name) => {
  const client = clients[name]
  expect((await client('GetServiceSettings')).ServiceSettings).toEqual([unset])
  const names = { DeliveryOssBucketName: 'a-bucket', DeliveryOssKeyPrefix: 'oos/execution', RdcEnterpriseId: '7' }
  const request = { ...names, DeliveryOssEnabled: false, DeliverySlsEnabled: 'False' }
  expect((await client('SetServiceSettings', request)).ServiceSettings).toEqual([{ ...unset, ...names }])
  expect((await client('GetServiceSettings')).ServiceSettings).toEqual([{ ...unset, ...names }])
  await client('SetServiceSettings', { DeliverySlsProjectName: 'a-project' })
  expect((await client('GetServiceSettings')).ServiceSettings).toEqual([
    { ...unset, DeliverySlsProjectName: 'a-project' },
  ])
})

test('delivery cannot be enabled because it does not exist, and such a call stores nothing else', async () => {
  await call('SetServiceSettings', { RdcEnterpriseId: '7' })
  for (const field of ['DeliveryOssEnabled', 'DeliverySlsEnabled']) {
    const answer = call('SetServiceSettings', { RdcEnterpriseId: '8', [field]: true })
    await expect(answer).rejects.toThrow(`${field} must be false`)
    expect(await codeOf(answer)).toBe('InvalidParameter')
  }
  expect(await codeOf(call('SetServiceSettings', { DeliveryOssEnabled: 'perhaps' }))).toBe('InvalidParameter')
  expect((await call('GetServiceSettings')).ServiceSettings).toEqual([{ ...unset, RdcEnterpriseId: '7' }])
})

test('settings are in the audit log, and belong to their own account', async () => {
  await db.pool.query('insert into accounts (id, name) values ($1, $1) on conflict do nothing', ['other'])
  await db.pool.query('insert into service_settings (account_id, settings) values ($1, $2)', [
    'other',
    JSON.stringify({ rdcEnterpriseId: 'of another' }),
  ])
  expect((await call('GetServiceSettings')).ServiceSettings).toEqual([unset])
  await call('SetServiceSettings', { RdcEnterpriseId: 'ours' })
  const { rows } = await db.pool.query('select account_id, settings from service_settings order by account_id')
  expect(rows).toEqual([
    { account_id: 'default', settings: { rdcEnterpriseId: 'ours' } },
    { account_id: 'other', settings: { rdcEnterpriseId: 'of another' } },
  ])
  const { body } = await api.call('GET', '/api/v1/audit-log?action=SetServiceSettings&maxResults=1')
  expect(body.items[0]).toMatchObject({ action: 'SetServiceSettings', detail: { rdcEnterpriseId: 'ours' } })
})

test.each(clientNames)('%s lists the actions of the public templates, page by page', async (name) => {
  const client = clients[name]
  const all = await client('ListActions')
  const names = all.Actions.map(({ OOSActionName }: OosAnswer) => OOSActionName)
  const expected = new Set(['ACS::SelectTargets', ...publicTemplates.map(({ loopTask }) => loopTask.action)])
  expect(names).toEqual([...expected].toSorted())
  expect([all.MaxResults, all.NextToken]).toEqual([50, ''])
  const listed: string[] = []
  let NextToken = ''
  do {
    const page = await client('ListActions', { MaxResults: 2, NextToken })
    expect(page.Actions.length).toBeLessThanOrEqual(2)
    listed.push(...page.Actions.map(({ OOSActionName }: OosAnswer) => OOSActionName))
    NextToken = page.NextToken
  } while (NextToken !== '')
  expect(listed).toEqual(names)
})

test('an action lists its parameters', async () => {
  const { Actions } = await call('ListActions', { OOSActionName: 'runcommand' })
  expect(Actions).toEqual([
    {
      OOSActionName: 'ACS::ECS::RunCommand',
      ActionType: 'Product.ECS',
      Description: 'Runs a command on many instances.',
      Properties: expect.any(String),
      Popularity: 0,
      TemplateVersion: 'v1',
      CreatedDate: '2025-12-15T00:00:00Z',
    },
  ])
  expect(JSON.parse(Actions[0].Properties)).toMatchObject({
    instanceId: { Type: 'String' },
    commandContent: { Type: 'String', Description: 'The command, as text.' },
    timeout: { Type: 'Number' },
  })
  expect((await call('ListActions', { OOSActionName: 'ACS::Nothing' })).Actions).toEqual([])
  expect(await codeOf(call('ListActions', { MaxResults: 0 }))).toBe('InvalidParameter')
  expect(await codeOf(call('ListActions', { NextToken: 'abc' }))).toBe('InvalidParameter')
})
